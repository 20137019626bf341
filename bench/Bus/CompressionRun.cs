using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using A2A.Micro.Bench.Measuring;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Bench.Bus;

/// <summary>
/// <c>compression</c>: what large messages cost on their way from one process through the broker to a consumer, plain and compressed
/// (<c>RabbitMq__CompressOverBytes</c>): a second, processor time of both ends and of the broker, and bytes. Of two kinds of content: rows as tables have
/// them, and text of which gzip makes little. Both ends are this process.
/// </summary>
internal static class CompressionRun
{
    private const int InFlight = 16, Rounds = 5, CaseBytes = 32 * 1024 * 1024;
    private static readonly int[] Sizes = [33, 128, 512, 1000];

    /// <summary>The whole program.</summary>
    public static async Task Run()
    {
        if (Servers.FromEnvironment() is not { } servers) { return; }
        var machine = Report.Machine.Now((await servers.Versions(CancellationToken.None)).Broker, "");
        Console.WriteLine(FormattableString.Invariant(
            $"{machine.Date:u}, {machine.Commit}, {machine.Cores} cores, RabbitMQ {machine.RabbitMq}, load before {machine.LoadBefore}"));
        Console.WriteLine($"the median of {Rounds} rounds in turn, each of {CaseBytes / 1024 / 1024} MiB, {InFlight} in flight\n");
        Console.WriteLine("| content | KiB | compressed | KiB on the way | messages/s | CPU ms: both ends | CPU ms: broker |");
        Console.WriteLine("| --- | ---: | --- | ---: | ---: | ---: | ---: |");
        var counting = new Counting();
        foreach (var (content, make) in new (string, Func<int, JsonElement>)[] { ("rows", Rows), ("noise", Noise) })
        {
            foreach (var size in Sizes) { await Compare(servers, content, size, make(size * 1024), counting); }
        }

        Console.WriteLine(FormattableString.Invariant($"\nload after {Report.Machine.Now("", "").LoadBefore}"));
    }

    private static async Task Compare(Servers servers, string content, int size, JsonElement payload, Counting counting)
    {
        var (off, on) = (new List<Cost>(), new List<Cost>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (over, costs) in new[] { (0, off), (32 * 1024, on) })
            {
                var host = await Start(servers, over, counting);
                await Send(host, payload, InFlight * 2, counting);
                costs.Add(await Measure(servers, host, payload, CaseBytes / (size * 1024), counting));
                await host.StopAsync();
                await host.DisposeAsync();
            }
        }

        Print("no", off);
        Print("yes", on);

        void Print(string compressed, List<Cost> costs) => Console.WriteLine(FormattableString.Invariant(
            $"| {content} | {size} | {compressed} | {Median(costs, cost => cost.Bytes) / 1024:0.0} | {Median(costs, cost => cost.PerSecond):0} | ")
            + FormattableString.Invariant($"{Median(costs, cost => cost.OwnMs):0.00} | {Median(costs, cost => cost.BrokerMs):0.00} |"));
    }

    private static double Median(List<Cost> costs, Func<Cost, double> figure) => costs.Select(figure).Order().ElementAt(costs.Count / 2);

    private static async Task<Cost> Measure(Servers servers, WebApplication host, JsonElement payload, int count, Counting counting)
    {
        Watched[] watched = [new("both ends", Environment.ProcessId), .. servers.WatchedBroker()];
        var before = Array.ConvertAll(watched, process => process.CpuSeconds());
        var bytes = counting.Bytes;
        var clock = Stopwatch.StartNew();
        await Send(host, payload, count, counting);
        var seconds = clock.Elapsed.TotalSeconds;
        var used = watched.Select((process, i) => (process.CpuSeconds() - before[i]) * 1000 / count).ToArray();
        return new Cost(count / seconds, used[0], used.ElementAtOrDefault(1), (counting.Bytes - bytes) / (double)count);
    }

    // As a service sends: through its lane, each when the broker has confirmed the one before; and it is over when all were consumed.
    private static async Task Send(WebApplication host, JsonElement payload, int count, Counting counting)
    {
        var lane = host.Services.GetRequiredService<ILane>();
        var all = counting.Until(count);
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (i, cancellation) =>
        {
            var result = new TaskResult
            {
                TaskId = string.Create(CultureInfo.InvariantCulture, $"task-{i}"),
                Attempt = 1,
                ExecutorAgentId = "agent-1",
                Status = TaskState.Completed,
                Result = payload,
                CompletedAt = TimeProvider.System.GetUtcNow(),
            };
            await lane.Send([Outgoing.Command(Endpoints.Status, result, TimeProvider.System)], cancellation);
        });
        await all;
    }

    private static async Task<WebApplication> Start(Servers servers, int over, Counting counting)
    {
        var account = servers.Broker.UserInfo.Split(':').Select(Uri.UnescapeDataString).ToArray();
        string[] args =
        [
            "--urls=http://127.0.0.1:0", "--environment=Bench", "--Security:Mode=open", "--Logging:LogLevel:Default=None",
            $"--RabbitMq:Host={servers.Broker.Host}", string.Create(CultureInfo.InvariantCulture, $"--RabbitMq:Port={servers.Broker.Port}"),
            $"--RabbitMq:User={account[0]}", $"--RabbitMq:Password={account[1]}", $"--RabbitMq:VirtualHost={servers.VirtualHost}",
            string.Create(CultureInfo.InvariantCulture, $"--RabbitMq:CompressOverBytes={over}"),
        ];
        var host = MicroHost.Build(args, TransportKind.RabbitMq, StoreKind.InMemory, [new ReceiverModule(counting)]);
        await host.StartAsync();
        _ = await host.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(60));
        return host;
    }

    private static JsonElement Rows(int bytes)
    {
        var (random, rows, length) = (new Random(1), new List<object>(), 0);
        string[] words = ["open", "closed", "shipped", "returned", "lost in transit", "paid", "waiting for payment"];
        while (length < bytes)
        {
            var row = new
            {
                id = random.Next(1_000_000),
                customer = $"customer-{random.Next(5000)}",
                state = words[random.Next(words.Length)],
                amount = Math.Round(random.NextDouble() * 1000, 2),
                at = DateTimeOffset.UnixEpoch.AddSeconds(random.Next(1_000_000_000)),
            };
            rows.Add(row);
            length += JsonSerializer.SerializeToUtf8Bytes(row).Length + 1;
        }

        return JsonSerializer.SerializeToElement(rows);
    }

    private static JsonElement Noise(int bytes)
    {
        var noise = new byte[bytes * 3 / 4];
        new Random(1).NextBytes(noise);
        return JsonSerializer.SerializeToElement(new { data = Convert.ToBase64String(noise) });
    }

    private sealed record Cost(double PerSecond, double OwnMs, double BrokerMs, double Bytes);

    private sealed class Counting : IConsumer<TaskResult>
    {
        private TaskCompletionSource? _all;
        private long _left;
        private long _bytes;

        public long Bytes => Interlocked.Read(ref _bytes);

        public Task Until(int count)
        {
            _all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = Interlocked.Exchange(ref _left, count);
            return _all.Task;
        }

        public Task Consume(ConsumeContext<TaskResult> context)
        {
            _ = Interlocked.Add(ref _bytes, context.ReceiveContext.Body.Length ?? 0);
            if (Interlocked.Decrement(ref _left) == 0) { _ = _all?.TrySetResult(); }
            return Task.CompletedTask;
        }
    }

    private sealed class ReceiverModule(Counting counting) : IModule
    {
        public string Name => "receiver";

        public void AddServices(IServiceCollection services, HostSetup setup) => services.AddSingleton(counting);

        public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
        {
        }

        public void AddEndpoints(IBusFactoryConfigurator bus, IBusRegistrationContext context) => bus.ReceiveEndpoint(Endpoints.Status, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Instance(counting);
        });
    }
}

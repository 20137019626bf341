using System.Collections.Concurrent;
using System.Text.Json;
using A2A.Micro.Bench.Load;
using A2A.Micro.Bench.Systems;
using RabbitMQ.Client;

namespace A2A.Micro.Bench.Reads;

/// <summary>
/// <c>changes</c>: the distributed system, while tasks come at a steady rate: how long after its commit a version is heard of by an AMQP client that
/// listens to <c>state.changed</c>, by one that listens to <c>task.events.default</c>, and by an event stream of the Gateway.
/// </summary>
internal static class ChangeRun
{
    private static readonly int[] Rates = [50, 200];
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(5), Measured = TimeSpan.FromSeconds(12), Rest = TimeSpan.FromSeconds(1);

    /// <summary>The whole program.</summary>
    public static async Task Run()
    {
        if (Servers.FromEnvironment() is not { } servers) { return; }
        await DistributedSystem.Clean(servers, CancellationToken.None);
        await using var database = await BenchDatabase.Create(servers, CancellationToken.None);
        await using var system = await DistributedSystem.Start(DistributedSystem.Name, servers, database.Name, fortress: null);
        await system.Ready(CancellationToken.None);
        await using var connection = await new ConnectionFactory { Uri = servers.Broker }.CreateConnectionAsync();
        await using var notices = await connection.CreateChannelAsync();
        await using var events = await connection.CreateChannelAsync();
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 }) { BaseAddress = system.Gateway };
        var (changed, said, streamed) = (new ConcurrentQueue<double>(), new ConcurrentQueue<double>(), new ConcurrentQueue<double>());
        await Ears.Broker(notices, ["state.changed", "state.changed.many"], Changed, changed);
        await Ears.Broker(events, ["task.events.default"], static message => [message.GetProperty("time").GetDateTimeOffset()], said);
        using var stop = new CancellationTokenSource();
        var open = new TaskCompletionSource();
        var stream = Ears.Stream(http, "/v1/events?snapshot=0", streamed, open.SetResult, stop.Token);
        await open.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await SteadyLoad.Run(http, Rates[^1], Warming, CancellationToken.None);
        Console.WriteLine($"distributed, each rate for {Measured.TotalSeconds} s");
        Console.WriteLine($"| tasks/s | listens to | {Ears.Columns} |\n| ---: | --- | ---: | ---: | ---: | ---: |");
        await Quiet(said);
        foreach (var rate in Rates)
        {
            foreach (var heard in (ConcurrentQueue<double>[])[changed, said, streamed]) { heard.Clear(); }
            await SteadyLoad.Run(http, rate, Measured, CancellationToken.None);
            await Quiet(said);
            Console.WriteLine($"| {rate} | `state.changed` | {Ears.Row(changed)} |");
            Console.WriteLine($"| {rate} | `task.events.default` | {Ears.Row(said)} |");
            Console.WriteLine($"| {rate} | event stream of all tasks | {Ears.Row(streamed)} |");
        }

        await stop.CancelAsync();
        await stream;
    }

    // What one rate left belongs to it, and not to the next one.
    private static async Task Quiet(ConcurrentQueue<double> heard)
    {
        for (var before = -1; before != heard.Count;)
        {
            before = heard.Count;
            await Task.Delay(Rest, TimeProvider.System);
        }
    }

    private static IEnumerable<DateTimeOffset> Changed(JsonElement message) => message.TryGetProperty("changes", out var many)
        ? many.EnumerateArray().Select(TimeOf)
        : [TimeOf(message)];

    private static DateTimeOffset TimeOf(JsonElement change) => change.GetProperty("timestamp").GetDateTimeOffset();
}

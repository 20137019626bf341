using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using A2A.Micro.Bench.Systems;

namespace A2A.Micro.Bench.Reads;

/// <summary>
/// <c>watchers [N]</c>: N event streams (1,000) on one Gateway, a tenth of them about all tasks and the others about one of 100 requesters, while tasks come at
/// a steady rate: how long after its commit a change is heard, and what the streams cost. Then the same with one stream.
/// </summary>
public static class WatcherRun
{
    private const int Requesters = 100, TasksPerSecond = 50, Seconds = 15;

    /// <summary>The whole program.</summary>
    public static async Task Run(string? count)
    {
        var watchers = int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 1000;
        await using var system = StandaloneSystem.Start();
        await system.Ready(CancellationToken.None);
        Console.WriteLine($"standalone, {TasksPerSecond} tasks/s for {Seconds} s");
        Console.WriteLine("| streams | heard | p50 ms | p95 ms | p99 ms | system CPU s | system peak MiB |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        _ = await Measure(system, 1, warm: true);
        foreach (var many in new[] { 1, watchers }) { Console.WriteLine(await Measure(system, many, warm: false)); }
    }

    private static async Task<string> Measure(SystemUnderTest system, int watchers, bool warm)
    {
        var heard = new ConcurrentQueue<double>();
        using var stop = new CancellationTokenSource();
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 100_000 })
        {
            BaseAddress = system.Gateway,
            Timeout = TimeSpan.FromMinutes(5),
        };
        var (open, opened) = (0, new TaskCompletionSource());
        Task[] streams =
        [
            .. Enumerable.Range(0, watchers).Select(i => Watch(
                http, i % 10 == 0 ? "/v1/events?snapshot=0" : $"/v1/events?snapshot=0&requester=r-{i % Requesters}", heard,
                () => { if (Interlocked.Increment(ref open) == watchers) { opened.SetResult(); } }, stop.Token)),
        ];
        await opened.Task.WaitAsync(TimeSpan.FromMinutes(1));
        heard.Clear();
        var process = system.Watched.Single();
        process.ForgetPeak();
        var before = process.CpuSeconds();
        await Submit(http, warm ? 3 : Seconds);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        var used = process.CpuSeconds() - before;
        await stop.CancelAsync();
        await Task.WhenAll(streams);
        var sorted = heard.Order().ToArray();
        double At(double share) => sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
        return string.Create(CultureInfo.InvariantCulture,
            $"| {watchers} | {sorted.Length} | {At(0.5):0.0} | {At(0.95):0.0} | {At(0.99):0.0} | {used:0.0} | {process.PeakMiB():0} |");
    }

    private static async Task Submit(HttpClient http, int seconds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TasksPerSecond));
        var sent = new List<Task>();
        for (var i = 0; i < seconds * TasksPerSecond && await timer.WaitForNextTickAsync(); i++) { sent.Add(One(http, i)); }
        await Task.WhenAll(sent);
    }

    private static async Task One(HttpClient http, int number)
    {
        using var reply = await http.PostAsJsonAsync("/v1/tasks", new
        {
            task_type = NoopAgent.TaskType,
            parameters = new { payload = "x" },
            requester_agent_id = $"r-{number % Requesters}",
        });
        _ = reply.EnsureSuccessStatusCode();
    }

    private static async Task Watch(HttpClient http, string path, ConcurrentQueue<double> heard, Action ready, CancellationToken cancellation)
    {
        try
        {
            using var reply = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellation);
            using var lines = new StreamReader(await reply.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellation));
            var isReady = false;
            while (await lines.ReadLineAsync(cancellation) is { } line)
            {
                if (!isReady && line == "event: ready")
                {
                    isReady = true;
                    ready();
                }

                const string Member = "\"updated_at\":\"";
                if (line.IndexOf(Member, StringComparison.Ordinal) is not (>= 0 and var at)) { continue; }
                var made = DateTimeOffset.Parse(line.AsSpan(at + Member.Length, 24), CultureInfo.InvariantCulture);
                heard.Enqueue((TimeProvider.System.GetUtcNow() - made).TotalMilliseconds);
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }
}

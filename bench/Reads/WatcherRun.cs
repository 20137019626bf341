using System.Collections.Concurrent;
using System.Globalization;
using A2A.Micro.Bench.Load;
using A2A.Micro.Bench.Systems;

namespace A2A.Micro.Bench.Reads;

/// <summary>
/// <c>watchers [N]</c>: N event streams (1,000) on one Gateway, a tenth of them about all tasks and the others about one of 100 requesters, while tasks come at
/// a steady rate: how long after its commit a change is heard, and what the streams cost. Then the same with one stream.
/// </summary>
public static class WatcherRun
{
    private const int TasksPerSecond = 50;
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(3), Measured = TimeSpan.FromSeconds(15);

    /// <summary>The whole program.</summary>
    public static async Task Run(string? count)
    {
        var watchers = int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 1000;
        await using var system = StandaloneSystem.Start();
        await system.Ready(CancellationToken.None);
        Console.WriteLine($"standalone, {TasksPerSecond} tasks/s for {Measured.TotalSeconds} s");
        Console.WriteLine($"| streams | {Ears.Columns} | system CPU s | system peak MiB |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        _ = await Measure(system, 1, Warming);
        foreach (var many in new[] { 1, watchers }) { Console.WriteLine(await Measure(system, many, Measured)); }
    }

    private static async Task<string> Measure(SystemUnderTest system, int watchers, TimeSpan duration)
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
            .. Enumerable.Range(0, watchers).Select(i => Ears.Stream(
                http, i % 10 == 0 ? "/v1/events?snapshot=0" : $"/v1/events?snapshot=0&requester=r-{i % SteadyLoad.Requesters}", heard,
                () => { if (Interlocked.Increment(ref open) == watchers) { opened.SetResult(); } }, stop.Token)),
        ];
        await opened.Task.WaitAsync(TimeSpan.FromMinutes(1));
        heard.Clear();
        var process = system.Watched.Single();
        process.ForgetPeak();
        var before = process.CpuSeconds();
        await SteadyLoad.Run(http, TasksPerSecond, duration, CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        var used = process.CpuSeconds() - before;
        await stop.CancelAsync();
        await Task.WhenAll(streams);
        return string.Create(CultureInfo.InvariantCulture, $"| {watchers} | {Ears.Row(heard)} | {used:0.0} | {process.PeakMiB():0} |");
    }
}

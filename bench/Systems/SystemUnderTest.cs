using System.Net;
using System.Net.Sockets;
using A2A.Micro.Bench.Measuring;

namespace A2A.Micro.Bench.Systems;

/// <summary>A running system with its processes. Disposing ends it.</summary>
public sealed class SystemUnderTest(string name, Uri gateway, IReadOnlyList<ChildProcess> processes) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>What the report calls it.</summary>
    public string Name => name;

    /// <summary>Where tasks are handed in.</summary>
    public Uri Gateway => gateway;

    /// <summary>Its own processes.</summary>
    public IEnumerable<Watched> Watched => processes.Select(process => process.Watched);

    /// <summary>The dll of a project of this repository, in the configuration of this program.</summary>
    public static string Assembly(string project)
    {
        var here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var artifacts = Path.GetDirectoryName(Path.GetDirectoryName(here))!;
        return Path.Combine(artifacts, project, Path.GetFileName(here), $"A2A.Micro.{project}.dll");
    }

    /// <summary>A port of the loopback interface that is free at the moment.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Waits until every process is ready: each has declared its queues then.</summary>
    /// <exception cref="InvalidOperationException">A process ended, or it takes too long; with the last lines of its log.</exception>
    public async Task Ready(CancellationToken cancellation)
    {
        using var http = new HttpClient();
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!(await Task.WhenAll(processes.Select(process => IsReady(http, process, cancellation)))).All(ready => ready))
        {
            if (processes.FirstOrDefault(process => process.HasEnded) is { } ended)
            {
                throw new InvalidOperationException($"{ended.Name} ended before it was ready:\n{ended.Tail()}");
            }

            if (limit.IsCancellationRequested)
            {
                throw new InvalidOperationException(
                    "The system is not ready.\n" + string.Join('\n', processes.Select(process => $"{process.Name}:\n{process.Tail()}")));
            }

            await Task.Delay(Pause, TimeProvider.System, cancellation);
        }
    }

    private static async Task<bool> IsReady(HttpClient http, ChildProcess process, CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(process.Address, "health/ready"), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // it does not listen yet
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes) { await process.DisposeAsync(); }
    }
}

using System.Net.Http.Json;

namespace A2A.Micro.Bench.Load;

/// <summary>Tasks at a steady rate, whatever becomes of them, so that what is measured beside them is not what they leave over.</summary>
internal static class SteadyLoad
{
    /// <summary>Requesters in whose name tasks come in turn: <c>r-0</c> and on.</summary>
    public const int Requesters = 100;

    // A timer of the system ticks in milliseconds: one tick brings as many tasks as are due.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>Hands in so many a second for so long, and returns when all were accepted.</summary>
    public static async Task Run(HttpClient http, int perSecond, TimeSpan duration, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        var (began, sent) = (TimeProvider.System.GetTimestamp(), new List<Task>());
        for (var passed = TimeSpan.Zero; passed < duration && await timer.WaitForNextTickAsync(cancellation);)
        {
            passed = TimeProvider.System.GetElapsedTime(began);
            while (sent.Count < passed.TotalSeconds * perSecond) { sent.Add(One(http, sent.Count, cancellation)); }
        }

        await Task.WhenAll(sent);
    }

    private static async Task One(HttpClient http, int number, CancellationToken cancellation)
    {
        using var reply = await http.PostAsJsonAsync("/v1/tasks", new
        {
            task_type = NoopAgent.TaskType,
            parameters = new { payload = "x" },
            requester_agent_id = $"r-{number % Requesters}",
        }, cancellation);
        _ = reply.EnsureSuccessStatusCode();
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;

namespace A2A.Micro.System.Tests;

/// <summary>
/// Hands in small tasks at a steady pace, each under an id of its own, and says every one again until it is accepted: a submitter that
/// takes no for "not yet". Reads back what was accepted all the while.
/// </summary>
internal sealed class SteadyLoad(RunningSystem system, TimeSpan pace) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // Of its own: what another load of the same system handed in would be answered as done long ago.
    private readonly string name = "small-" + Guid.CreateVersion7();
    private readonly ConcurrentQueue<string> accepted = new();
    private readonly ConcurrentQueue<string> forgotten = new();
    private readonly HttpClient http = new() { BaseAddress = system.Http.BaseAddress, Timeout = TimeSpan.FromSeconds(10) };
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim allowed = new(0);
    private int tries;
    private volatile bool enough;
    private Task running = Task.CompletedTask;

    /// <summary>What got its 202, or its 200 when the 202 was lost on the way.</summary>
    public IReadOnlyCollection<string> Accepted => accepted;

    /// <summary>What got its 202 and then a 404.</summary>
    public IReadOnlyCollection<string> Forgotten => forgotten;

    /// <summary>Begins; what is handed in is what <see cref="HandIn"/> asks for.</summary>
    public void Begin() => running = Task.WhenAll(Submit(), ReadBack());

    /// <summary>So many more are to be handed in, at the pace and without waiting for them.</summary>
    public void HandIn(int tasks) => _ = allowed.Release(tasks);

    /// <summary>Waits until so many more were accepted.</summary>
    public Task MoreAccepted(int more)
    {
        var wanted = accepted.Count + more;
        return More(() => accepted.Count, wanted, "accepted");
    }

    /// <summary>Waits until so many more were tried, with or without success.</summary>
    public Task MoreTried(int more)
    {
        var wanted = Volatile.Read(ref tries) + more;
        return More(() => Volatile.Read(ref tries), wanted, "tried");
    }

    /// <summary>Waits until everything that was to be handed in is accepted.</summary>
    public async Task Finish()
    {
        enough = true;
        HandIn(1); // wakes the loop, which then ends
        await running.WaitAsync(TimeSpan.FromSeconds(180), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        enough = true;
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        http.Dispose();
        allowed.Dispose();
        stop.Dispose();
    }

    private Task More(Func<int> count, int wanted, string what) => Eventually.True(
        () => running.IsFaulted ? throw new EventuallyException("the load broke off", running.Exception) : count() >= wanted,
        $"{wanted} tasks were {what}", () => count() + system.Tails(), TimeSpan.FromSeconds(90));

    private async Task Submit()
    {
        using var timer = new PeriodicTimer(pace, TimeProvider.System);
        var all = new List<Task>();
        while (true)
        {
            await allowed.WaitAsync(stop.Token);
            if (enough && allowed.CurrentCount == 0) { break; }
            _ = await timer.WaitForNextTickAsync(stop.Token);
            all.Add(Insist($"{name}-{all.Count + 1}"));
        }

        await Task.WhenAll(all);
    }

    private async Task Insist(string id)
    {
        while (!await Try(id)) { await Task.Delay(Pause, TimeProvider.System, stop.Token); }
        accepted.Enqueue(id);
    }

    private async Task<bool> Try(string id)
    {
        _ = Interlocked.Increment(ref tries);
        try
        {
            using var answer = await http.PostAsJsonAsync("/v1/tasks", Caller.Small(id), stop.Token);
            return answer.StatusCode switch
            {
                HttpStatusCode.Accepted or HttpStatusCode.OK => true,
                HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests => false,
                _ => throw new InvalidOperationException(
                    $"{id}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(stop.Token)}"),
            };
        }
        catch (Exception e) when (IsOutage(e))
        {
            return false;
        }
    }

    private async Task ReadBack()
    {
        for (var turn = 0; !enough; turn++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, stop.Token);
            if (accepted.IsEmpty) { continue; }
            // The last one in turn with older ones: a task is most easily lost just after it was accepted.
            var id = turn % 2 == 0 ? accepted.Last() : accepted.ElementAt(turn % accepted.Count);
            try
            {
                using var answer = await http.GetAsync("/v1/tasks/" + id, stop.Token);
                if (answer.StatusCode == HttpStatusCode.NotFound) { forgotten.Enqueue(id); }
            }
            catch (Exception e) when (IsOutage(e))
            {
                // Not being answered is no answer.
            }
        }
    }

    private bool IsOutage(Exception e) =>
        !stop.IsCancellationRequested && e is HttpRequestException or OperationCanceledException or IOException;
}

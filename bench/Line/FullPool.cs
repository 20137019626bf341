using System.Diagnostics;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.Bench.Line;

/// <summary>
/// 100 agents that are full, and so many claims behind them. One turn claims a place and gives one back: the claim joins the line and is told why,
/// and the first in the line gets what has become free. Or, in a line that is empty, the other way round: the claim finds what has become free.
/// </summary>
public sealed class FullPool
{
    /// <summary>Agents, and tasks that each of them does at once.</summary>
    public const int Agents = 100, Slots = 10;

    private const int Types = 10, Requesters = 10, Round = 32, Together = 500;

    private readonly Pool _pool = new(TimeSpan.FromDays(1), LineRules.Of(new ResourceManagerOptions { RunningPerTenantMax = 0 }));
    private readonly Queue<AttemptKey> _held = new();
    private readonly bool _waits;
    private int _next, _done;

    /// <summary>With so many in the line.</summary>
    /// <param name="waiting">How many.</param>
    /// <param name="waits">Whether a claim comes before there is room.</param>
    public FullPool(int waiting, bool waits)
    {
        _waits = waits;
        for (var i = 0; i < Agents; i++) { Do(new PoolOperation.Announce(Agent(i))); }
        while (_next < Agents * Slots + waiting) { Do(new PoolOperation.ClaimRoom(Claim(_next++))); }
    }

    /// <summary>So many turns: what each takes on the average.</summary>
    public TurnCost Turns(int count)
    {
        var (took, pause, bytes) = (TimeSpan.Zero, TimeSpan.Zero, 0L);
        for (var left = count; left > 0; left -= Together)
        {
            // Made while the clock stands, and few at a time: what claims are made of is not the pool's cost, nor is it to keep them.
            var claims = Enumerable.Range(_next, Together).Select(Claim).ToList();
            var (started, pausedBefore, before) = (Stopwatch.GetTimestamp(), GC.GetTotalPauseDuration(), GC.GetAllocatedBytesForCurrentThread());
            claims.ForEach(Turn);
            took += Stopwatch.GetElapsedTime(started);
            pause += GC.GetTotalPauseDuration() - pausedBefore;
            bytes += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return new TurnCost(took.TotalMicroseconds / count, pause.TotalMicroseconds / count, bytes / count);
    }

    /// <summary>One of the agents.</summary>
    public static Announcement Agent(int number) => new($"agent-{number:000}", 1, ["*"], new Quantities(Slots, 100_000, 1 << 20, 0, 0));

    /// <summary>One of the claims: of ten types and sizes, of ten requesters.</summary>
    public static ResourceClaim Claim(int number)
    {
        var attempt = new AttemptKey($"task-{number:0000000}", 1);
        return new ResourceClaim
        {
            Attempt = attempt,
            TaskType = $"bench.type{number % Types}",
            Wanted = new Quantities(1, 1000 + number % Types * 100, 1024, 0, 0),
            Requester = $"requester-{number / Types % Requesters}",
            Line = LineKey.Of(attempt, 2, Workload.Start.AddMilliseconds(number), null, TimeSpan.FromSeconds(60)),
        };
    }

    private void Turn(ResourceClaim claim)
    {
        _next++;
        if (_waits) { Do(new PoolOperation.ClaimRoom(claim)); }
        var ended = _held.Dequeue();
        Do(new PoolOperation.ReleaseRoom(ended));
        _pool.Forget(ended);
        if (!_waits) { Do(new PoolOperation.ClaimRoom(claim)); }
    }

    // A round is written down when it has some operations, as a store does it.
    private void Do(PoolOperation operation)
    {
        _ = _pool.Do(operation, Workload.Start.AddMilliseconds(_next));
        if (++_done % Round != 0) { return; }
        foreach (var entry in _pool.TakeChanges().Entries)
        {
            if (entry.Delta.Slots > 0) { _held.Enqueue(entry.Attempt); }
        }
    }
}

/// <summary>What one placement takes.</summary>
/// <param name="Us">Microseconds.</param>
/// <param name="GcUs">Of these, collecting garbage.</param>
/// <param name="Bytes">What is allocated for it.</param>
public readonly record struct TurnCost(double Us, double GcUs, long Bytes);

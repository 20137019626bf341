using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.Bench.Line;

/// <summary>One simulation while it is played: who runs until when, and how long everybody has waited.</summary>
/// <param name="policy">Decides who starts.</param>
/// <param name="tasks">All that come.</param>
internal sealed class SimPlay(ISimPolicy policy, IReadOnlyList<SimTask> tasks)
{
    // An agent needs so long to save a checkpoint; after so many preemptions a task makes no more room (docs/scheduling.md).
    private const double PauseS = 3;
    private const int PreemptionsMax = 3;

    private readonly PriorityQueue<AttemptKey, double> _ends = new();
    private readonly Dictionary<AttemptKey, Part> _parts = [];
    private readonly Dictionary<string, double> _waits = new(StringComparer.Ordinal);
    private int _preemptions;

    /// <summary>Whether anybody waits or runs.</summary>
    public bool IsGoingOn => _parts.Count > 0;

    /// <summary>When the next attempt ends.</summary>
    public double NextEnd => _ends.TryPeek(out _, out var at) ? at : double.MaxValue;

    /// <summary>A task comes, for the first time or again.</summary>
    public void Arrive(SimTask task, double now)
    {
        _parts.Add(task.Claim.Attempt, new Part { Task = task, JoinedS = now });
        Do(policy.Arrive(task, now), now);
    }

    /// <summary>Time passes.</summary>
    public void Sweep(double now) => Do(policy.Sweep(now), now);

    /// <summary>The next attempt ends: with its task, or because it made room and stands in the line again with what is left.</summary>
    public void End()
    {
        _ = _ends.TryDequeue(out var attempt, out var now);
        // One that made room has ended before.
        if (!_parts.TryGetValue(attempt, out var part) || part.EndsS > now) { return; }
        _ = _parts.Remove(attempt);
        Do(policy.End(attempt, now), now);
        var left = part.StartedS + part.Task.RunsS - now;
        if (left <= 0) { return; }
        _preemptions++;
        Arrive(part.Task.Again(left, attempt.Attempt < PreemptionsMax), now);
    }

    /// <summary>What has become of it.</summary>
    public SimOutcome Outcome() =>
        new(policy.Name, [.. tasks.Select(task => (task, _waits[task.Claim.Attempt.TaskId]))], _preemptions);

    private void Do(SimStep step, double now)
    {
        foreach (var attempt in step.Started)
        {
            var part = _parts[attempt];
            (part.StartedS, part.EndsS) = (now, now + part.Task.RunsS);
            _waits[attempt.TaskId] = _waits.GetValueOrDefault(attempt.TaskId) + now - part.JoinedS;
            _ends.Enqueue(attempt, part.EndsS);
        }

        foreach (var attempt in step.Asked)
        {
            var part = _parts[attempt];
            if (now + PauseS >= part.EndsS) { continue; }
            part.EndsS = now + PauseS;
            _ends.Enqueue(attempt, part.EndsS);
        }
    }

    private sealed class Part
    {
        public required SimTask Task { get; init; }

        public required double JoinedS { get; init; }

        public double StartedS { get; set; }

        public double EndsS { get; set; } = double.MaxValue;
    }
}

using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.Bench.Line;

/// <summary>Plays tasks against a policy, event by event. Pure: no clock, no threads; the same input gives the same figures.</summary>
public static class Simulation
{
    private const double SweepS = 5;

    /// <summary>One run.</summary>
    public static SimOutcome Run(ISimPolicy policy, IReadOnlyList<SimTask> tasks)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(tasks);
        var play = new SimPlay(policy, tasks);
        for (var (next, sweep) = (0, SweepS); next < tasks.Count || play.IsGoingOn;)
        {
            var arrival = next < tasks.Count ? tasks[next].ArrivesS : double.MaxValue;
            if (play.NextEnd <= arrival && play.NextEnd <= sweep) { play.End(); }
            else if (arrival <= sweep) { play.Arrive(tasks[next++], arrival); }
            else
            {
                play.Sweep(sweep);
                sweep += SweepS;
            }
        }

        return play.Outcome();
    }

    /// <summary>The policies that are compared.</summary>
    public static IReadOnlyList<ISimPolicy> Policies(IReadOnlyList<Announcement> fleet)
    {
        var options = new ResourceManager.ResourceManagerOptions();
        return
        [
            new SimplePolicy("FIFO", fleet, blocks: true),
            new SimplePolicy("best fit", fleet, blocks: false),
            new PoolPolicy("order only", fleet, LineRules.Plain),
            new PoolPolicy("all rules, spread", fleet, LineRules.Of(options), PlacementStrategy.Spread),
            new PoolPolicy("all rules", fleet, LineRules.Of(options)),
            new PoolPolicy("all rules, preemption", fleet, LineRules.Of(options), preempts: true),
        ];
    }
}

/// <summary>What became of a run.</summary>
/// <param name="Policy">Whose.</param>
/// <param name="Waits">Every task and how many seconds it waited.</param>
/// <param name="Preemptions">How often one made room for another.</param>
public sealed record SimOutcome(string Policy, IReadOnlyList<(SimTask Task, double WaitS)> Waits, int Preemptions)
{
    /// <summary>Seconds of waiting, the shortest first.</summary>
    public IReadOnlyList<double> Sorted { get; } = [.. Waits.Select(one => one.WaitS).Order()];

    /// <summary>The mean.</summary>
    public double MeanS => Sorted.Average();

    /// <summary>99 of 100 wait no longer.</summary>
    public double P99S => Sorted[(int)(Sorted.Count * 0.99)];

    /// <summary>The longest.</summary>
    public double MaxS => Sorted[^1];

    /// <summary>The longest wait of a task that needs a whole agent.</summary>
    /// <param name="burst">Of those of the requester that sends a burst; otherwise of all the others.</param>
    public double MaxLargeS(bool burst) => Waits
        .Where(one => one.Task.Size == Workload.Large && one.Task.Claim.Requester == Workload.Burst == burst).Max(one => one.WaitS);

    /// <summary>Seconds of waiting of the critical ones, the shortest first.</summary>
    public IReadOnlyList<double> Critical { get; } = [.. Waits.Where(one => one.Task.IsCritical).Select(one => one.WaitS).Order()];

    /// <summary>Core-seconds of work done until the last arrival, as a part of what the fleet could do.</summary>
    public double Utilisation(double cores)
    {
        var until = Waits.Max(one => one.Task.ArrivesS);
        var done = Waits.Sum(one => one.Task.Claim.Wanted.CpuMilli / 1000d
            * Math.Clamp(until - one.Task.ArrivesS - one.WaitS, 0, one.Task.RunsS));
        return done / (cores * until);
    }

    /// <summary>How many times as long as it runs a requester's average task takes, by requester.</summary>
    public IReadOnlyDictionary<string, double> SlowDowns() => Waits.GroupBy(one => one.Task.Claim.Requester)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => 1 + group.Average(one => one.WaitS) / group.Average(one => one.Task.RunsS));

    /// <summary>
    /// Jain's index over the requesters that sent no burst and the one that did, of the speed that each got (1 / slow-down): 1 when all got the same.
    /// </summary>
    public double Fairness()
    {
        var speeds = SlowDowns().Values.Select(slow => 1 / slow).ToList();
        return Math.Pow(speeds.Sum(), 2) / (speeds.Count * speeds.Sum(speed => speed * speed));
    }
}

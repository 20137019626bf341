using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.Bench.Line;

/// <summary>One task of a simulation.</summary>
/// <param name="Claim">What it asks for; its place in the line says when it joins.</param>
/// <param name="ArrivesS">When it joins, in seconds.</param>
/// <param name="RunsS">How long it runs, in seconds.</param>
/// <param name="Size">What people call it.</param>
/// <param name="Priority">1 to 4.</param>
/// <param name="Yields">It can save its work and make room for others.</param>
public sealed record SimTask(ResourceClaim Claim, double ArrivesS, double RunsS, string Size, int Priority = 2, bool Yields = false)
{
    /// <summary>Whether it may have room made for it.</summary>
    public bool IsCritical => Priority == 4;

    /// <summary>The next attempt of the same task, which does what is left.</summary>
    public SimTask Again(double leftS, bool yields)
    {
        var attempt = Claim.Attempt with { Attempt = Claim.Attempt.Attempt + 1 };
        return this with { RunsS = leftS, Yields = yields, Claim = Claim with { Attempt = attempt, Line = Claim.Line with { Attempt = attempt } } };
    }
}

/// <summary>A fleet and what it is asked to do; the same for every policy, and the same in every run of the same seed.</summary>
public static class Workload
{
    /// <summary>When second 0 is.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The size of tasks that need a whole agent.</summary>
    public const string Large = "large";

    /// <summary>The requester that sends half of its tasks at once.</summary>
    public const string Burst = "burst";

    private static readonly (string Size, int Share, Quantities Wanted, double MedianS)[] Shapes =
    [
        ("small", 74, new Quantities(1, 1000, 2048, 0, 0), 40),
        ("medium", 18, new Quantities(1, 4000, 16384, 0, 0), 120),
        (Large, 4, new Quantities(1, 16000, 49152, 0, 0), 240),
        ("gpu", 4, new Quantities(1, 2000, 16384, 0, 1), 120),
    ];

    /// <summary>200 agents of three kinds.</summary>
    public static IReadOnlyList<Announcement> Fleet(int agents) =>
    [
        .. Enumerable.Range(0, agents).Select(i => new Announcement($"agent-{i:000}", 1, ["*"], (i % 10) switch
        {
            < 6 => new Quantities(8, 16_000, 65_536, 0, 0),
            < 9 => new Quantities(16, 16_000, 131_072, 0, 0),
            _ => new Quantities(8, 32_000, 262_144, 0, 4),
        })),
    ];

    /// <summary>
    /// Tasks of eight requesters that together ask for a little more than there is; one of them sends half of its tasks in one burst.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="load">What is asked for per second, as a part of what the fleet's cores can do.</param>
    /// <param name="cores">Cores of the fleet.</param>
    /// <param name="seed">Of the random numbers.</param>
    public static IReadOnlyList<SimTask> Tasks(int count, double load, double cores, int seed)
    {
        var random = new Random(seed);
        var tasks = Enumerable.Range(0, count).Select(i => Draw(random, i)).ToList();
        var work = tasks.Sum(task => task.RunsS * task.Claim.Wanted.CpuMilli / 1000);
        var span = work / (cores * load);
        var at = 0d;
        return
        [
            .. tasks.Select(task =>
            {
                at += -Math.Log(1 - random.NextDouble()) * span / count;
                // The burst: at a fifth of the time, everything at once.
                var arrives = task.Claim.Requester == Burst && random.Next(2) == 0 ? span / 5 + random.NextDouble() : at;
                return Joining(task with { ArrivesS = arrives }, random.Next(20) switch { 0 => 4, < 4 => 3, < 17 => 2, _ => 1 });
            }).OrderBy(task => task.ArrivesS),
        ];
    }

    private static SimTask Draw(Random random, int number)
    {
        var (size, _, wanted, median) = Pick(random.Next(100));
        // Heavy to the right, as run times are: one in ten takes more than three times the median.
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var runs = Math.Clamp(median * Math.Exp(0.9 * normal), 1, median * 20);
        var requester = random.Next(10) is var who && who < 3 ? Burst : $"team-{who - 2}";
        var attempt = new AttemptKey($"task-{number:00000}", 1);
        return new SimTask(
            new ResourceClaim { Attempt = attempt, TaskType = "sim." + size, Wanted = wanted, Line = default, Requester = requester }, 0, runs, size);
    }

    private static (string Size, int Share, Quantities Wanted, double MedianS) Pick(int drawn)
    {
        foreach (var shape in Shapes)
        {
            if ((drawn -= shape.Share) < 0) { return shape; }
        }

        return Shapes[^1];
    }

    // Whoever is less than high may be asked to make room.
    private static SimTask Joining(SimTask task, int priority) => task with
    {
        Priority = priority,
        Yields = priority < 3,
        Claim = task.Claim with
        {
            Line = LineKey.Of(task.Claim.Attempt, priority, Start.AddSeconds(task.ArrivesS), null, TimeSpan.FromSeconds(60)),
        },
    };
}

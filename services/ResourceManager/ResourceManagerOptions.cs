using System.ComponentModel.DataAnnotations;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager;

/// <summary>Every knob of the ResourceManager; section <c>A2A:ResourceManager</c>, environment <c>A2A__ResourceManager__Lease</c>.</summary>
public sealed class ResourceManagerOptions
{
    /// <summary>Where it is bound from.</summary>
    public const string Section = "A2A:ResourceManager";

    /// <summary>How long an agent may be silent; four heartbeats, so that one lost message costs nobody their work.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often silent agents are looked for.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How much waiting is worth one step of priority. Low stands behind critical that comes up to three times this later.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan AgingStep { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>An agent that was heard within this counts when it is judged whether a claim can ever fit.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan KnownFor { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Most operations that share one transaction.</summary>
    [Range(1, 4096)]
    public int RoundMax { get; set; } = 256;

    /// <summary>Most waiting claims of one class that are read in one round; more room than that is filled by the next round.</summary>
    [Range(1, 100_000)]
    public int HeadMax { get; set; } = 1000;

    /// <summary>Most waiting claims with which an instance remembers the whole pool between rounds, some 600 bytes each; 0: it never does.</summary>
    [Range(0, 1_000_000)]
    public int RememberMax { get; set; } = 50_000;

    /// <summary>Most tasks that one sweep tells of another reason to wait; the front of the line first, the others by the next sweep.</summary>
    [Range(1, 100_000)]
    public int TellMax { get; set; } = 500;

    /// <summary>How often what is held is compared with where tasks are; what belongs to nobody is taken back at the second look.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan ReconcileInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an agent has from the allocation until its heartbeats must name the attempt; what it does not name is taken for forgotten.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan ReportGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long each movement is kept in the ledger; older ones are folded into one balance of their agent.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan KeepLedger { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long the history of denials goes back.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan KeepDenials { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Closed attempts that the in-memory pool remembers, to recognise late claims.</summary>
    [Range(1, 10_000_000)]
    public int RememberClosed { get; set; } = 200_000;

    /// <summary>
    /// Tasks of one tenant that are at work at once; more wait in the line with the reason <c>TENANT_QUOTA</c>. 0: as many as there is room for. An open
    /// host has no tenants that could crowd each other out, and does not ask.
    /// </summary>
    [Range(0, 10_000_000)]
    public int RunningPerTenantMax { get; set; } = 500;

    /// <summary>What a requester may have that has no quota of its own; no guarantee and no limit.</summary>
    public QuotaSetting DefaultQuota { get; set; } = new();

    /// <summary>Quotas by requester; each replaces the whole of <see cref="DefaultQuota"/>.</summary>
    public Dictionary<string, QuotaSetting> Quotas { get; } = new(StringComparer.Ordinal);

    /// <summary>How much of a place in the line fairness between requesters may cost; zero: the line's order alone counts.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan FairShareWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Most waiting tasks for which room is kept free at the same time, each on an agent of its own; 0: for none.</summary>
    [Range(0, 1000)]
    public int EarmarksMax { get; set; } = 32;

    /// <summary>How long a task has waited before room is kept free for it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan EarmarkAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Tasks of this priority and above (3: high, 4: critical) may have room made for them by tasks of a lower one that say <c>preemptible</c>;
    /// 0: none may. Without an <see cref="AgingStep"/> none may either.
    /// </summary>
    [Range(0, 4)]
    public int PreemptFrom { get; set; } = 4;

    /// <summary>So many tasks in a row that fail on an agent put it on hold; 0: never.</summary>
    [Range(0, 1000)]
    public int HoldAfter { get; set; } = 10;

    /// <summary>How long the first hold is; each one after it without a success in between is twice as long.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan HoldFirst { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>No hold is longer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan HoldLongest { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long it is remembered that an attempt is over; later, a claim that was delayed as long would count as new.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan KeepClosed { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Messages about allocations handled at once; they meet in the same transactions.</summary>
    [Range(1, 4096)]
    public int AllocationConcurrency { get; set; } = 256;

    /// <summary>Messages from agents handled at once.</summary>
    [Range(1, 4096)]
    public int AgentConcurrency { get; set; } = 256;
}

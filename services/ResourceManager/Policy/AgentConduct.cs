using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.ResourceManager.Policy;

/// <summary>How the last attempts on an agent ended, and whether it gets no work for a while because of that (reliability G12). Pure.</summary>
public sealed record AgentConduct
{
    /// <summary>The tasks that failed or were refused since the last success, each once.</summary>
    public IReadOnlyList<string> Failed { get; init; } = [];

    /// <summary>How often it was put on hold since the last success.</summary>
    public int Holds { get; init; }

    /// <summary>It gets no work until then, and until the next sweep; null: it gets work.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>
    /// How it stands after one more attempt; null: nothing to say against it. Some tasks in a row put it on hold; after a hold one is enough, and the
    /// next hold is twice as long. What ends while it is on hold was begun before and counts only if it is a success.
    /// </summary>
    /// <param name="before">How it stood.</param>
    /// <param name="outcome">How the attempt ended.</param>
    /// <param name="taskId">Whose attempt.</param>
    /// <param name="rules">When it is put on hold, and for how long.</param>
    /// <param name="now">The store's clock.</param>
    public static AgentConduct? After(AgentConduct? before, AttemptOutcome outcome, string taskId, HoldRules rules, DateTimeOffset now)
    {
        if (outcome == AttemptOutcome.Succeeded) { return null; }
        if (outcome == AttemptOutcome.Unknown || rules.After == 0) { return before; }
        var known = before ?? new AgentConduct();
        if (known.HeldUntil is not null || known.Failed.Contains(taskId)) { return before; }
        var failed = known with { Failed = [.. known.Failed, taskId] };
        return failed.Failed.Count < (known.Holds > 0 ? 1 : rules.After)
            ? failed
            : new AgentConduct { Holds = known.Holds + 1, HeldUntil = now + rules.Length(known.Holds), Failed = [] };
    }

    /// <summary>How it stands when so much time has passed.</summary>
    public AgentConduct At(DateTimeOffset now) => HeldUntil <= now ? this with { HeldUntil = null } : this;
}

/// <summary>When an agent is put on hold, and for how long.</summary>
/// <param name="After">Failures in a row of different tasks; 0: never.</param>
/// <param name="First">The first hold.</param>
/// <param name="Longest">No hold is longer.</param>
public sealed record HoldRules(int After, TimeSpan First, TimeSpan Longest)
{
    /// <summary>Never.</summary>
    public static HoldRules Never { get; } = new(0, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>How long the next hold is after so many: each is twice as long as the one before.</summary>
    public TimeSpan Length(int holdsBefore) =>
        TimeSpan.FromTicks((long)Math.Min(Longest.Ticks, First.Ticks * Math.Pow(2, Math.Min(holdsBefore, 40))));
}

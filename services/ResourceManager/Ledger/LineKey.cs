namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// A place in the waiting line. It never changes while the claim waits, so an index can keep the order, and yet it ages: every
/// <c>aging step</c> of waiting is worth one step of priority. It orders claims that compete for the same room;
/// what is kept free for a large one is not its business (reliability G9).
/// </summary>
/// <param name="KeyUs">Enqueued at, minus priority times the ageing step, in microseconds since 1970; smaller goes first.</param>
/// <param name="DeadlineUs">Deadline in microseconds since 1970; <see cref="long.MaxValue"/> without one.</param>
/// <param name="EnqueuedUs">When it joined, in microseconds since 1970.</param>
/// <param name="Attempt">Makes the order total.</param>
public readonly record struct LineKey(long KeyUs, long DeadlineUs, long EnqueuedUs, AttemptKey Attempt)
    : IComparable<LineKey>
{
    /// <summary>The place of a claim. Priority 0 counts as medium (requirements R3).</summary>
    public static LineKey Of(
        AttemptKey attempt, int priority, DateTimeOffset enqueuedAt, DateTimeOffset? deadline, TimeSpan agingStep)
    {
        var enqueued = Microseconds(enqueuedAt);
        var effective = priority == 0 ? 2 : Math.Clamp(priority, 1, 4);
        return new LineKey(
            enqueued - effective * (agingStep.Ticks / TimeSpan.TicksPerMicrosecond),
            deadline is { } end ? Microseconds(end) : long.MaxValue,
            enqueued,
            attempt);
    }

    /// <summary>The priority that the place was made with, 1 to 4; 0 where priorities are worth nothing.</summary>
    public int Priority(TimeSpan agingStep) =>
        agingStep <= TimeSpan.Zero ? 0 : (int)((EnqueuedUs - KeyUs) / (agingStep.Ticks / TimeSpan.TicksPerMicrosecond));

    /// <inheritdoc />
    public int CompareTo(LineKey other)
    {
        var byKey = KeyUs.CompareTo(other.KeyUs);
        if (byKey != 0) { return byKey; }
        var byDeadline = DeadlineUs.CompareTo(other.DeadlineUs);
        if (byDeadline != 0) { return byDeadline; }
        var byAge = EnqueuedUs.CompareTo(other.EnqueuedUs);
        if (byAge != 0) { return byAge; }
        var byTask = string.CompareOrdinal(Attempt.TaskId, other.Attempt.TaskId);
        return byTask != 0 ? byTask : Attempt.Attempt.CompareTo(other.Attempt.Attempt);
    }

    /// <summary>Earlier in the line.</summary>
    public static bool operator <(LineKey left, LineKey right) => left.CompareTo(right) < 0;

    /// <summary>Later in the line.</summary>
    public static bool operator >(LineKey left, LineKey right) => left.CompareTo(right) > 0;

    /// <summary>Not later in the line.</summary>
    public static bool operator <=(LineKey left, LineKey right) => left.CompareTo(right) <= 0;

    /// <summary>Not earlier in the line.</summary>
    public static bool operator >=(LineKey left, LineKey right) => left.CompareTo(right) >= 0;

    private static long Microseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}

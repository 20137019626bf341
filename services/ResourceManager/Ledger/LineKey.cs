namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// A place in the waiting line. It never changes while the claim waits, so an index can keep the order, and yet it ages: every
/// <c>aging step</c> of waiting is worth one step of priority. It orders claims that compete for the same room;
/// what is kept free for a large one is not its business (reliability G9).
/// </summary>
/// <param name="KeyUs">
/// The second in which it joined, minus priority times the ageing step, in microseconds since 1970; smaller goes first. To the second, because claims
/// that joined at the very same microsecond are too few to be told apart by their deadlines.
/// </param>
/// <param name="DeadlineUs">Deadline in microseconds since 1970; <see cref="long.MaxValue"/> without one.</param>
/// <param name="EnqueuedUs">When it joined, in microseconds since 1970.</param>
/// <param name="Attempt">Makes the order total.</param>
public readonly record struct LineKey(long KeyUs, long DeadlineUs, long EnqueuedUs, AttemptKey Attempt)
    : IComparable<LineKey>
{
    private const long SecondUs = 1_000_000;

    /// <summary>By how much its priority puts it before the second in which it joined.</summary>
    public long HeadStartUs => EnqueuedUs - EnqueuedUs % SecondUs - KeyUs;

    /// <summary>The place of a claim. Priority 0 counts as medium (requirements R3).</summary>
    public static LineKey Of(
        AttemptKey attempt, int priority, DateTimeOffset enqueuedAt, DateTimeOffset? deadline, TimeSpan agingStep)
    {
        var enqueued = Microseconds(enqueuedAt);
        var effective = priority == 0 ? 2 : Math.Clamp(priority, 1, 4);
        return new LineKey(
            enqueued - enqueued % SecondUs - effective * (agingStep.Ticks / TimeSpan.TicksPerMicrosecond),
            deadline is { } end ? Microseconds(end) : long.MaxValue,
            enqueued,
            attempt);
    }

    /// <summary>The priority that the place was made with, 1 to 4; 0 where priorities are worth nothing.</summary>
    public int Priority(TimeSpan agingStep)
    {
        var stepUs = agingStep.Ticks / TimeSpan.TicksPerMicrosecond;
        // Rounded: a place that was made before places were made to the second is a part of one off.
        return stepUs <= 0 ? 0 : (int)((HeadStartUs + stepUs / 2) / stepUs);
    }

    /// <inheritdoc />
    public int CompareTo(LineKey other) => Compare(in this, in other);

    /// <summary>Which of two goes first.</summary>
    internal static int Compare(in LineKey one, in LineKey other)
    {
        if (one.KeyUs != other.KeyUs) { return one.KeyUs < other.KeyUs ? -1 : 1; }
        if (one.DeadlineUs != other.DeadlineUs) { return one.DeadlineUs < other.DeadlineUs ? -1 : 1; }
        if (one.EnqueuedUs != other.EnqueuedUs) { return one.EnqueuedUs < other.EnqueuedUs ? -1 : 1; }
        var byTask = string.CompareOrdinal(one.Attempt.TaskId, other.Attempt.TaskId);
        return byTask != 0 ? byTask : one.Attempt.Attempt.CompareTo(other.Attempt.Attempt);
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

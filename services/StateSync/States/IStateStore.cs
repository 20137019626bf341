namespace A2A.Micro.StateSync.States;

/// <summary>
/// Where the documents are kept. Both implementations decide by <see cref="StateRules"/> and are held to one behaviour by one suite.
/// </summary>
public interface IStateStore
{
    /// <summary>
    /// Applies messages in their order and answers each once what they did is committed. Idempotent: a repeat changes nothing and answers
    /// the same notifications again, because the process that committed it may have died before it could publish them.
    /// </summary>
    Task<IReadOnlyList<StateAnswer>> Apply(IReadOnlyList<StateInput> inputs, CancellationToken cancellation);

    /// <summary>Tasks whose next step has been missing since before this time, longest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<StateGap>> Gaps(DateTimeOffset before, int limit, CancellationToken cancellation);

    /// <summary>Drops reports that have waited for their attempt since before this time, and says how many.</summary>
    Task<int> DropReports(DateTimeOffset before, CancellationToken cancellation);

    /// <summary>
    /// Drops tasks that completed before one time, and those that ended otherwise before the other, with all that is known about them: at most
    /// <paramref name="limit"/>. How many.
    /// </summary>
    Task<int> DropEnded(DateTimeOffset completedBefore, DateTimeOffset othersBefore, int limit, CancellationToken cancellation);
}

/// <summary>A task whose document does not move on because a step of the Scheduler has not come.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="FirstHeld">The lowest sequence that waits; one below it is missing.</param>
/// <param name="Since">Since when it waits.</param>
public sealed record StateGap(string TaskId, long FirstHeld, DateTimeOffset Since);

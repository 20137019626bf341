namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>Where dead letters are kept. Two implementations, held to one behaviour by the conformance suite.</summary>
public interface IDeadLetterStore
{
    /// <summary>Keeps a letter; one that is known becomes what <see cref="DeadLetterRules.Again"/> says. Returns after the commit.</summary>
    Task Keep(DeadLetterRow letter, CancellationToken cancellation);

    /// <summary>The letter; null when there is none.</summary>
    Task<DeadLetterRow?> Find(string letterId, CancellationToken cancellation);

    /// <summary>Letters without their bodies, the last parked first.</summary>
    Task<IReadOnlyList<DeadLetterRow>> List(LetterFilter filter, CancellationToken cancellation);

    /// <summary>Moves letters, each unless <see cref="DeadLetterRules.MayMove"/> forbids it; the ids of those that moved. All go to one state.</summary>
    Task<IReadOnlyList<string>> Move(IReadOnlyList<LetterMove> moves, CancellationToken cancellation);

    /// <summary>Takes letters whose time to be sent has come, and moves that time on, in case whoever takes them dies.</summary>
    Task<IReadOnlyList<DeadLetterRow>> TakeDue(int limit, CancellationToken cancellation);

    /// <summary>Letters with their bodies that a contract may judge, the first parked first.</summary>
    Task<IReadOnlyList<DeadLetterRow>> Unjudged(string contract, int limit, CancellationToken cancellation);

    /// <summary>
    /// Writes down what a contract says of letters. What fits waits to be sent, <see cref="DeadLetterRules.RateDefault"/> a second over all that do so, the
    /// rest stays. Returns what was written: nothing of letters that <see cref="DeadLetterRules.MayJudge"/> no longer names, so of several who judge the
    /// same letter one does.
    /// </summary>
    Task<IReadOnlyList<LetterVerdict>> Judge(string contract, IReadOnlyList<LetterVerdict> verdicts, CancellationToken cancellation);

    /// <summary>How many there are.</summary>
    Task<IReadOnlyList<LetterCount>> Count(CancellationToken cancellation);

    /// <summary>Deletes letters that were replayed or discarded longer ago than this; returns how many.</summary>
    Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation);
}

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>A message that nobody could take, as it is kept.</summary>
public sealed record DeadLetterRow
{
    /// <summary>Names it; made from queue and message, so the same message is the same letter however often it comes.</summary>
    public required string LetterId { get; init; }

    /// <summary>The queue that it was for.</summary>
    public required string Queue { get; init; }

    /// <summary>How it came to lie here.</summary>
    public required LetterCause Cause { get; init; }

    /// <summary>What became of it since.</summary>
    public required LetterState State { get; init; }

    /// <summary>The MessageId of its envelope.</summary>
    public string? MessageId { get; init; }

    /// <summary>The name of the message, such as <c>task.submit</c>.</summary>
    public string? MessageType { get; init; }

    /// <summary>The task that it is about.</summary>
    public string? TaskId { get; init; }

    /// <summary>The type of the exception.</summary>
    public string? Error { get; init; }

    /// <summary>What failed, in a sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>Media type of the body.</summary>
    public string? ContentType { get; init; }

    /// <summary>The message as it came; empty in a list.</summary>
    public required byte[] Body { get; init; }

    /// <summary>The headers of the transport, as a JSON object of texts.</summary>
    public required string Headers { get; init; }

    /// <summary>How often it came to lie here: 2 and more after a replay that failed again.</summary>
    public int Deaths { get; init; } = 1;

    /// <summary>Whether the body was changed by hand.</summary>
    public bool Edited { get; init; }

    /// <summary>When it is sent again, while it waits for that.</summary>
    public DateTimeOffset? ReplayAt { get; init; }

    /// <summary>By which contract it was refused; null: by one that did not say so yet.</summary>
    public string? ParkedBy { get; init; }

    /// <summary>When another contract than that judged it last.</summary>
    public DateTimeOffset? JudgedAt { get; init; }

    /// <summary>Which contract that was.</summary>
    public string? JudgedBy { get; init; }

    /// <summary>The contracts that have judged it already, the last one last; none of them judges it again.</summary>
    public IReadOnlyList<string> Judges { get; init; } = [];

    /// <summary>When it is or was sent again because it fits by now, and not because somebody asked for that.</summary>
    public DateTimeOffset? ResentAt { get; init; }

    /// <summary>When it came, the last time.</summary>
    public required DateTimeOffset ParkedAt { get; init; }

    /// <summary>When its state changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>How a message came to lie among the dead letters.</summary>
public enum LetterCause
{
    /// <summary>Its consumer failed, again and again, or could not read it.</summary>
    Failed,

    /// <summary>Nobody at its queue knows this kind of message.</summary>
    Skipped,

    /// <summary>Its consumers died with it in hand, 20 times.</summary>
    Killed,
}

/// <summary>What became of a dead letter.</summary>
public enum LetterState
{
    /// <summary>It lies here.</summary>
    Parked,

    /// <summary>It will be sent again.</summary>
    Waiting,

    /// <summary>It was sent again. Should it fail once more it is parked again.</summary>
    Replayed,

    /// <summary>Somebody threw it away; it is kept for a while.</summary>
    Discarded,
}

/// <summary>A step of a letter.</summary>
/// <param name="LetterId">The letter.</param>
/// <param name="To">Its new state.</param>
/// <param name="ReplayAt">When it is sent, if it waits for that.</param>
/// <param name="Body">The body that takes the place of the old one; null: the old one stays.</param>
public sealed record LetterMove(string LetterId, LetterState To, DateTimeOffset? ReplayAt = null, byte[]? Body = null);

/// <summary>What a contract says of a letter.</summary>
/// <param name="LetterId">The letter.</param>
/// <param name="Fits">Whether its message fits now.</param>
public sealed record LetterVerdict(string LetterId, bool Fits);

/// <summary>Which letters are wanted; what is null is not asked for.</summary>
public sealed record LetterFilter
{
    /// <summary>In this state.</summary>
    public LetterState? State { get; init; } = LetterState.Parked;

    /// <summary>For this queue.</summary>
    public string? Queue { get; init; }

    /// <summary>Of this name.</summary>
    public string? MessageType { get; init; }

    /// <summary>About this task.</summary>
    public string? TaskId { get; init; }

    /// <summary>With this type of exception.</summary>
    public string? Error { get; init; }

    /// <summary>After this place: time and id of the last one of the page before.</summary>
    public (DateTimeOffset ParkedAt, string LetterId)? After { get; init; }

    /// <summary>At most so many.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>How many letters of one queue are in one state.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="State">The state.</param>
/// <param name="Count">How many.</param>
public sealed record LetterCount(string Queue, LetterState State, long Count);

using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Gateway.Catalogue;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>A message that nobody could take.</summary>
public sealed record DeadLetterView
{
    /// <summary>Names it.</summary>
    public required string LetterId { get; init; }

    /// <summary>The queue that it was for.</summary>
    public required string Queue { get; init; }

    /// <summary>
    /// <c>failed</c>: its consumer could not take it; <c>skipped</c>: nobody there knows its type; <c>killed</c>: its consumers died with it.
    /// </summary>
    public required LetterCause Cause { get; init; }

    /// <summary><c>parked</c>, <c>waiting</c> to be sent again, <c>replayed</c>, <c>discarded</c>.</summary>
    public required LetterState State { get; init; }

    /// <summary>The name of the message, where it could be read.</summary>
    public string? MessageType { get; init; }

    /// <summary>The task that it is about.</summary>
    public string? TaskId { get; init; }

    /// <summary>The kind of the exception.</summary>
    public string? Error { get; init; }

    /// <summary>The code of the error catalogue, where one is known: <c>MSG001</c> does not fit its schema, <c>MSG002</c> cannot be read.</summary>
    public string? Code { get; init; }

    /// <summary>The field of the message that is wrong, as a JSON pointer.</summary>
    public string? Pointer { get; init; }

    /// <summary>
    /// Every field of the message that does not fit its schema, where one does not: the receiver stops at the first, whoever mends it wants them all. Not in a
    /// list.
    /// </summary>
    public IReadOnlyList<FieldError>? Errors { get; init; }

    /// <summary>What failed.</summary>
    public string? Reason { get; init; }

    /// <summary>How often it came here; more than 1 after a replay that failed again.</summary>
    public required int Deaths { get; init; }

    /// <summary>True when its message was changed by hand.</summary>
    public bool? Edited { get; init; }

    /// <summary>When it is sent again.</summary>
    public DateTimeOffset? ReplayAt { get; init; }

    /// <summary>The version of the contract by which it was refused; absent: by one that did not say so yet.</summary>
    public string? ParkedBy { get; init; }

    /// <summary>When another version judged it last; only what does not fit its schema (<c>MSG001</c>) is judged again.</summary>
    public DateTimeOffset? JudgedAt { get; init; }

    /// <summary>Which version that was.</summary>
    public string? JudgedBy { get; init; }

    /// <summary>When it is or was sent again by itself, because it fits that version.</summary>
    public DateTimeOffset? ResentAt { get; init; }

    /// <summary>When it came, the last time.</summary>
    public required DateTimeOffset ParkedAt { get; init; }

    /// <summary>When its state changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The MessageId of its envelope.</summary>
    public string? MessageId { get; init; }

    /// <summary>The message itself, where it could be read; not in a list.</summary>
    public JsonElement? Message { get; init; }

    /// <summary>What came when it is no message: its bytes in base64, the first 64 KiB; not in a list.</summary>
    public string? BodyBase64 { get; init; }

    /// <summary>Length of what came, in bytes; not in a list.</summary>
    public int? BodyBytes { get; init; }

    /// <summary>Headers of the transport, without the stack trace; not in a list.</summary>
    public JsonElement? Headers { get; init; }

    /// <summary>Where to go on.</summary>
    public required DeadLetterLinks Links { get; init; }

    /// <summary>The letter as a list shows it.</summary>
    public static DeadLetterView Of(DeadLetterRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var (code, pointer) = DeadLetterRules.FaultOf(row.Reason);
        return new DeadLetterView
        {
            LetterId = row.LetterId,
            Queue = row.Queue,
            Cause = row.Cause,
            State = row.State,
            MessageType = row.MessageType,
            TaskId = row.TaskId,
            Error = row.Error,
            Code = code,
            Pointer = pointer,
            Reason = row.Reason,
            Deaths = row.Deaths,
            Edited = row.Edited ? true : null,
            ReplayAt = row.State == LetterState.Waiting ? row.ReplayAt : null,
            ParkedBy = row.ParkedBy,
            JudgedAt = row.JudgedAt,
            JudgedBy = row.JudgedBy,
            ResentAt = row.ResentAt,
            ParkedAt = row.ParkedAt,
            UpdatedAt = row.UpdatedAt,
            MessageId = row.MessageId,
            Links = new DeadLetterLinks
            {
                Self = "/v1/dead-letters/" + row.LetterId,
                Replay = $"/v1/dead-letters/{row.LetterId}/replay",
                Discard = $"/v1/dead-letters/{row.LetterId}/discard",
                Task = row.TaskId is { } task ? "/v1/tasks/" + task : null,
            },
        };
    }

    /// <summary>The letter with what is in it.</summary>
    public static DeadLetterView WithBody(DeadLetterRow row)
    {
        const int shownMax = 64 * 1024;
        var view = Of(row);
        var message = DeadLetterRules.MessageOf(row.Body);
        return view with
        {
            Message = message,
            Errors = view.Code == ErrorKind.Validation.Code && row.MessageType is { } type && message is { } read
                ? [.. SchemaEndpoints.Check(type, read).Select(error => new FieldError(error.Pointer, error.Message, ErrorKind.Validation.Code))]
                : null,
            BodyBase64 = message is null ? Convert.ToBase64String(row.Body.AsSpan(0, Math.Min(row.Body.Length, shownMax))) : null,
            BodyBytes = row.Body.Length,
            Headers = JsonElement.Parse(row.Headers),
        };
    }
}

/// <summary>Addresses of a dead letter, relative to this server.</summary>
public sealed record DeadLetterLinks
{
    /// <summary>The letter.</summary>
    public required string Self { get; init; }

    /// <summary>POST here to send it to its queue again.</summary>
    public required string Replay { get; init; }

    /// <summary>POST here to throw it away.</summary>
    public required string Discard { get; init; }

    /// <summary>The task that it is about.</summary>
    public string? Task { get; init; }
}

/// <summary>Dead letters, the last parked first.</summary>
public sealed record DeadLetterPageView : CursorPage
{
    /// <summary>The letters.</summary>
    public required IReadOnlyList<DeadLetterView> Letters { get; init; }

    /// <summary>How many there are, by queue and state.</summary>
    public required IReadOnlyList<LetterCountView> Counts { get; init; }
}

/// <summary>How many letters of one queue are in one state.</summary>
public sealed record LetterCountView
{
    /// <summary>The queue.</summary>
    public required string Queue { get; init; }

    /// <summary>The state.</summary>
    public required LetterState State { get; init; }

    /// <summary>How many.</summary>
    public required long Count { get; init; }
}

/// <summary>A replay of one letter; the body may be left out.</summary>
public sealed record ReplayRequest
{
    /// <summary>Takes the place of the message in the letter; must fit its schema.</summary>
    public JsonElement? Message { get; init; }
}

/// <summary>One step for many letters: those that are named, or those that match.</summary>
public sealed record BulkLetterRequest
{
    /// <summary>These letters, at most 1000.</summary>
    public IReadOnlyList<string>? LetterIds { get; init; }

    /// <summary>All letters that match and are parked.</summary>
    public LetterFilterRequest? Filter { get; init; }

    /// <summary>At most so many, 1..1000 (1000).</summary>
    public int? Limit { get; init; }

    /// <summary>Letters per second, 1..100 (10); a replay only.</summary>
    public int? Rate { get; init; }

    /// <summary>Only say which letters it would be for.</summary>
    public bool? DryRun { get; init; }
}

/// <summary>Which letters are meant; as in <c>GET /v1/dead-letters</c>.</summary>
public sealed record LetterFilterRequest
{
    /// <summary>For this queue.</summary>
    public string? Queue { get; init; }

    /// <summary>Of this name.</summary>
    public string? MessageType { get; init; }

    /// <summary>About this task.</summary>
    public string? TaskId { get; init; }

    /// <summary>With this kind of exception.</summary>
    public string? Error { get; init; }
}

/// <summary>What a step for many letters did.</summary>
public sealed record BulkLetterView
{
    /// <summary>How many letters were meant.</summary>
    public required int Matched { get; init; }

    /// <summary>More letters match than one step takes.</summary>
    public bool More { get; init; }

    /// <summary>Nothing was done.</summary>
    public bool? DryRun { get; init; }

    /// <summary>The letters that moved; those whose state forbids it are left out.</summary>
    public required IReadOnlyList<string> LetterIds { get; init; }

    /// <summary>When the last one is sent.</summary>
    public DateTimeOffset? SentBy { get; init; }
}

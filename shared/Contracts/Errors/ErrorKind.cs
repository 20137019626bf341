using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Errors;

/// <summary>How bad (protocol guide, "Protocol Errors").</summary>
public enum Severity
{
    /// <summary>Expected in a distributed system; retried.</summary>
    Warning,

    /// <summary>This message or task does not succeed.</summary>
    Error,

    /// <summary>The system itself is impaired.</summary>
    Critical,
}

/// <summary>What helps (protocol guide, "Protocol Errors").</summary>
public enum Recovery
{
    /// <summary>Nothing; the answer is final.</summary>
    None,

    /// <summary>Correct the message, then send it again.</summary>
    RetryWithValidation,

    /// <summary>Write it in another form, then send it again.</summary>
    RetryWithNewSerializer,

    /// <summary>Wait, then do the same again.</summary>
    RetryWithBackoff,

    /// <summary>Use the next configured endpoint.</summary>
    FailoverToBackup,
}

/// <summary>
/// The error catalogue: every code that leaves the system (requirements 45-50). One closed table with three readers: the bus
/// retries by <see cref="IsTransient"/>, HTTP answers with <see cref="HttpStatus"/>, logs take their level from
/// <see cref="Severity"/>. docs/errors.md is the same table, held to it by a test.
/// </summary>
public sealed class ErrorKind
{
    private ErrorKind(string code, string title, Severity severity, Recovery recovery, int httpStatus)
    {
        (Code, Title, Severity, Recovery, HttpStatus) = (code, title, severity, recovery, httpStatus);
    }

    /// <summary>The message breaks the protocol's schema.</summary>
    public static readonly ErrorKind Validation =
        new("MSG001", "The message is not valid", Severity.Error, Recovery.RetryWithValidation, 400);

    /// <summary>The message cannot be read or written.</summary>
    public static readonly ErrorKind Serialization =
        new("MSG002", "The message cannot be read", Severity.Error, Recovery.RetryWithNewSerializer, 400);

    /// <summary>Somebody did not answer in time.</summary>
    public static readonly ErrorKind Timeout =
        new("COM001", "No answer in time", Severity.Warning, Recovery.RetryWithBackoff, 503);

    /// <summary>Somebody cannot be reached.</summary>
    public static readonly ErrorKind Connection =
        new("COM002", "A part of the system cannot be reached", Severity.Critical, Recovery.FailoverToBackup, 503);

    /// <summary>No agent does this kind of work.</summary>
    public static readonly ErrorKind UnsupportedTaskType =
        new("UNSUPPORTED_TASK_TYPE", "No agent handles this task type", Severity.Error, Recovery.RetryWithBackoff, 422);

    /// <summary>The agent is full.</summary>
    public static readonly ErrorKind CapacityExceeded =
        new("CAPACITY_EXCEEDED", "The agent is at its capacity", Severity.Warning, Recovery.RetryWithBackoff, 422);

    /// <summary>It cannot be finished in time.</summary>
    public static readonly ErrorKind DeadlineImpossible =
        new("DEADLINE_IMPOSSIBLE", "The deadline cannot be met", Severity.Error, Recovery.RetryWithValidation, 422);

    /// <summary>The parameters do not fit the task type.</summary>
    public static readonly ErrorKind InvalidParameters =
        new("INVALID_PARAMETERS", "The parameters do not fit the task type", Severity.Error, Recovery.RetryWithValidation, 422);

    /// <summary>What the task needs is not there.</summary>
    public static readonly ErrorKind ResourceUnavailable =
        new("RESOURCE_UNAVAILABLE", "The resources it needs are not there", Severity.Error, Recovery.RetryWithBackoff, 422);

    /// <summary>The deadline passed.</summary>
    public static readonly ErrorKind DeadlineExceeded =
        new("DEADLINE_EXCEEDED", "The deadline passed", Severity.Error, Recovery.None, 422);

    /// <summary>The handler of the agent failed.</summary>
    public static readonly ErrorKind HandlerFailed =
        new("HANDLER_FAILED", "The agent could not do the work", Severity.Error, Recovery.RetryWithBackoff, 422);

    /// <summary>Agents were lost again and again while they worked on it.</summary>
    public static readonly ErrorKind AgentLost =
        new("AGENT_LOST", "The agent was lost while it worked", Severity.Warning, Recovery.RetryWithBackoff, 422);

    /// <summary>Another task did not come to what this one waited for.</summary>
    public static readonly ErrorKind DependencyUnsatisfied =
        new("DEPENDENCY_UNSATISFIED", "Another task did not come to what this one waited for", Severity.Error, Recovery.None, 422);

    /// <summary>Too few of the agents of a group succeeded.</summary>
    public static readonly ErrorKind GroupFailed =
        new("GROUP_FAILED", "Too few of the agents that were given it succeeded", Severity.Error, Recovery.RetryWithBackoff, 422);

    /// <summary>A result over the limit.</summary>
    public static readonly ErrorKind ResultTooLarge =
        new("RESULT_TOO_LARGE", "The result is over the size limit", Severity.Error, Recovery.None, 422);

    /// <summary>A request of a kind that is not known here.</summary>
    public static readonly ErrorKind UnsupportedRequest =
        new("UNSUPPORTED_REQUEST", "The request is of a kind that is not supported", Severity.Error, Recovery.None, 400);

    /// <summary>The id is taken by another task, or the state forbids it.</summary>
    public static readonly ErrorKind Conflict =
        new("CONFLICT", "It conflicts with what is already there", Severity.Error, Recovery.None, 409);

    /// <summary>A condition of the caller about what is there does not hold.</summary>
    public static readonly ErrorKind PreconditionFailed =
        new("PRECONDITION_FAILED", "It has changed since it was read", Severity.Error, Recovery.RetryWithValidation, 412);

    /// <summary>The key was used for another body.</summary>
    public static readonly ErrorKind IdempotencyKeyReused =
        new("IDEMPOTENCY_KEY_REUSED", "The idempotency key was used for another request", Severity.Error, Recovery.None, 422);

    /// <summary>A terminal task cannot be cancelled.</summary>
    public static readonly ErrorKind NotCancelable =
        new("TASK_NOT_CANCELABLE", "The task has already ended", Severity.Error, Recovery.None, 409);

    /// <summary>No such thing, or not yours.</summary>
    public static readonly ErrorKind NotFound =
        new("NOT_FOUND", "There is no such resource", Severity.Error, Recovery.None, 404);

    /// <summary>The path exists, the method does not.</summary>
    public static readonly ErrorKind MethodNotAllowed =
        new("METHOD_NOT_ALLOWED", "The method is not allowed here", Severity.Error, Recovery.None, 405);

    /// <summary>The body is not JSON.</summary>
    public static readonly ErrorKind UnsupportedMediaType =
        new("UNSUPPORTED_MEDIA_TYPE", "The media type is not supported", Severity.Error, Recovery.RetryWithNewSerializer, 415);

    /// <summary>Over a size limit; the detail names field and limit.</summary>
    public static readonly ErrorKind TooLarge =
        new("PAYLOAD_TOO_LARGE", "Something is over its size limit", Severity.Error, Recovery.RetryWithValidation, 413);

    /// <summary>Too many requests, or too much unfinished work.</summary>
    public static readonly ErrorKind RateLimited =
        new("RATE_LIMITED", "Too many requests", Severity.Warning, Recovery.RetryWithBackoff, 429);

    /// <summary>No credential, or one that is not valid.</summary>
    public static readonly ErrorKind Unauthenticated =
        new("UNAUTHENTICATED", "A valid credential is required", Severity.Error, Recovery.None, 401);

    /// <summary>The credential has no right for this.</summary>
    public static readonly ErrorKind Forbidden =
        new("FORBIDDEN", "The credential has no right for this", Severity.Error, Recovery.None, 403);

    /// <summary>Authentication, signature or replay check failed.</summary>
    public static readonly ErrorKind SecurityError =
        new("SECURITY_ERROR", "The message failed a security check", Severity.Critical, Recovery.None, 403);

    /// <summary>A fault of ours.</summary>
    public static readonly ErrorKind Internal =
        new("INTERNAL", "Something went wrong on our side", Severity.Critical, Recovery.RetryWithBackoff, 500);

    /// <summary>The whole catalogue, in order of precedence.</summary>
    public static IReadOnlyList<ErrorKind> All { get; } =
    [
        SecurityError, Unauthenticated, Forbidden, UnsupportedMediaType, TooLarge, Serialization, Validation, UnsupportedRequest, InvalidParameters,
        DeadlineImpossible, IdempotencyKeyReused, PreconditionFailed, Conflict, NotCancelable, NotFound, MethodNotAllowed, RateLimited,
        UnsupportedTaskType, ResourceUnavailable, CapacityExceeded, DeadlineExceeded, HandlerFailed, AgentLost,
        DependencyUnsatisfied, GroupFailed, ResultTooLarge, Timeout, Connection, Internal,
    ];

    /// <summary>The code on the wire; stable for ever.</summary>
    public string Code { get; }

    /// <summary>One sentence, the same for every occurrence.</summary>
    public string Title { get; }

    /// <summary>How bad.</summary>
    public Severity Severity { get; }

    /// <summary>What helps.</summary>
    public Recovery Recovery { get; }

    /// <summary>The status when HTTP reports it.</summary>
    public int HttpStatus { get; }

    /// <summary>Doing the same again may succeed.</summary>
    public bool IsTransient => Recovery is Recovery.RetryWithBackoff or Recovery.FailoverToBackup;

    /// <summary>The kind of a code; null when the code is an agent's own.</summary>
    public static ErrorKind? Find(string code) => All.FirstOrDefault(kind => kind.Code == code);

    /// <summary>The kind behind an agent's rejection.</summary>
    public static ErrorKind Of(RejectionReason reason) => Find(reason.Word()) ?? ResourceUnavailable;

    /// <inheritdoc />
    public override string ToString() => Code;
}

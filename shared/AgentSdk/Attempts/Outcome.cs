using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk.Attempts;

/// <summary>What a handler did: it returned or it threw.</summary>
/// <param name="Result">What it returned; null with a fault, or when the result was over its limit.</param>
/// <param name="Fault">What it threw.</param>
internal sealed record HandlerEnd(JsonElement? Result, Exception? Fault);

/// <summary>How an attempt ended, as far as others are concerned.</summary>
internal abstract record Outcome(string Word)
{
    /// <summary>A result.</summary>
    public sealed record Completed(JsonElement Result) : Outcome("completed");

    /// <summary>A failure.</summary>
    public sealed record Failed(TaskError Error) : Outcome("failed");

    /// <summary>Stopped on request: acknowledged instead of reported.</summary>
    public sealed record Cancelled(IReadOnlyList<string> Commands) : Outcome("cancelled");

    /// <summary>Stopped on request where it can go on from.</summary>
    public sealed record Paused(IReadOnlyList<string> Commands, string? ResumeToken, double Portion, bool KeepsRoom) : Outcome("paused");

    /// <summary>Stopped because the attempt is no longer ours: nothing is said.</summary>
    public sealed record Dropped(CancelReason Reason) : Outcome(Name(Reason))
    {
        private static string Name(CancelReason reason) => reason switch
        {
            CancelReason.LeaseLost => "lease_lost",
            CancelReason.Withdrawn => "withdrawn",
            _ => "shutdown",
        };
    }

    /// <summary>
    /// Classifies. A cancellation of ours outweighs what the handler made of it, even a result, because somebody waits for the
    /// answer to it. An OperationCanceledException that is not ours is a failure like any other.
    /// </summary>
    public static Outcome Of(HandlerEnd end, CancelReason reason, Wishes wishes) => (reason, end) switch
    {
        _ when wishes.Cancels.Count > 0 => new Cancelled(wishes.Cancels),
        (CancelReason.LeaseLost or CancelReason.Withdrawn or CancelReason.Shutdown, _) => new Dropped(reason),
        (CancelReason.Deadline, _) => Fail(
            ErrorKind.DeadlineExceeded.Code, "the deadline passed while the agent worked", false),
        (_, { Fault: TaskPausedException paused }) when wishes.Pauses.Count > 0 =>
            new Paused(wishes.Pauses, paused.ResumeToken, paused.Portion, wishes.KeepsRoom),
        // A handler that only handed its PauseToken on stops at its last checkpoint.
        (_, { Fault: OperationCanceledException }) when wishes.Pauses.Count > 0 =>
            new Paused(wishes.Pauses, null, 0, wishes.KeepsRoom),
        (_, { Fault: TaskFailedException known }) => Fail(known.Code, known.Message, known.Retryable),
        (_, { Fault: TaskRejectedException late }) => Fail(
            ErrorKind.Of(late.Reason).Code, late.Message,
            late.Reason is RejectionReason.CapacityExceeded or RejectionReason.ResourceUnavailable),
        (_, { Fault: OperationCanceledException }) => Fail(
            ErrorKind.HandlerFailed.Code, "the handler gave up: something it waited for was cancelled", true),
        (_, { Fault: { } fault }) => Fail(ErrorKind.HandlerFailed.Code, fault.Message, true),
        (_, { Result: { } result }) => new Completed(result),
        _ => Fail(
            ErrorKind.ResultTooLarge.Code, "the result is over 16 MiB of JSON; store it and return where it is", false),
    };

    private static Failed Fail(string code, string message, bool retryable) =>
        new(new TaskError { Code = code, Message = Text.Cut(message), Retryable = retryable });
}

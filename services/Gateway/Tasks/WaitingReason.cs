using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>Why is it not running? Never without an answer while a task waits (experience, reason codes). Pure.</summary>
public static class WaitingReason
{
    /// <summary>The reason; null while the task runs and when it has ended. What the Scheduler said wins over what the state suggests.</summary>
    public static WaitingView? Of(TaskDocument document)
    {
        if (document.State is TaskState.Running or TaskState.Unknown || document.State.IsTerminal()) { return null; }
        var (code, sentence) = ByState(document);
        return new WaitingView { Code = document.Code ?? code, Sentence = document.Reason ?? sentence };
    }

    private static (string Code, string Sentence) ByState(TaskDocument document) => document.State switch
    {
        TaskState.Submitted => ("VALIDATING", "It is stored and being checked."),
        TaskState.Blocked when document.Phase == TaskPhase.RetryWait =>
            ("RETRY_BACKOFF", $"Attempt {document.Attempt} did not succeed; the next one follows after a pause."),
        TaskState.Blocked => ("HELD", "It is held back until something else has happened."),
        TaskState.Queued when document.ResponderAgentId is { } agent =>
            ("INSUFFICIENT_RESOURCES", $"It waits until agent {agent} is online and has room."),
        TaskState.Queued =>
            ("INSUFFICIENT_RESOURCES", $"It waits for an agent with room that handles {document.TaskType}."),
        TaskState.Offered =>
            ("AWAITING_AGENT_ACCEPT", $"It was offered to agent {document.AgentId ?? "(unknown)"}, which has not answered yet."),
        TaskState.Paused => ("PAUSED_BY_REQUEST", "It is paused until it is resumed."),
        TaskState.InputRequired => ("AWAITING_INPUT", "The agent waits for input."),
        _ => ("WAITING", "It waits."),
    };
}

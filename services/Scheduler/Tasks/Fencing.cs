using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>May this report still change this task? Pure; null means yes (G3, G5, G10).</summary>
public static class Fencing
{
    /// <summary>For accept and reject: the attempt that is on offer, from the agent it was offered to.</summary>
    public static RefusalReason? ForAnswer(TaskSaga saga, string agentId, int attempt) =>
        ForHolder(saga, agentId, attempt)
        ?? (saga.Phase == TaskPhase.Cancelling.Word() ? RefusalReason.Cancelled : null);

    /// <summary>For results: as for answers; after an accepted cancel no result completes the task.</summary>
    public static RefusalReason? ForResult(TaskSaga saga, string agentId, int attempt) => ForAnswer(saga, agentId, attempt);

    /// <summary>For the ResourceManager's answers, which name no agent that could be wrong. A group has no room of its own.</summary>
    public static bool IsCurrent(TaskSaga saga, int attempt) => attempt == saga.Attempt && !GroupRules.IsGroup(saga.Task);

    /// <summary>For whatever only the agent of the current attempt may say.</summary>
    public static RefusalReason? ForHolder(TaskSaga saga, string agentId, int attempt)
    {
        if (saga.State.Length > 0 && WireWord.TryParse<TaskState>(saga.State, out var state) && state.IsTerminal())
        {
            return state == TaskState.Cancelled ? RefusalReason.Cancelled : RefusalReason.AlreadyTerminal;
        }

        if (attempt != saga.Attempt) { return RefusalReason.StaleAttempt; }
        return agentId == saga.AgentId ? null : RefusalReason.NotOwner;
    }
}

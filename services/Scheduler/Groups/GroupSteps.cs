using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Tasks;
using MassTransit;

namespace A2A.Micro.Scheduler.Groups;

/// <summary>The verbs of a group, and of its members towards it.</summary>
internal static class GroupSteps
{
    private static readonly TimeSpan AskAgainMax = TimeSpan.FromSeconds(30);

    extension<T>(EventActivityBinder<TaskSaga, T> step) where T : class
    {
        /// <summary>No answer yet, or nobody was there: who could do it now?</summary>
        public EventActivityBinder<TaskSaga, T> AskWhoAgain() => step.ThenAsync(AskWho).Rearm();

        /// <summary>Every agent is given its part.</summary>
        public EventActivityBinder<TaskSaga, T> HandOut() => step.ThenAsync(context => Task.WhenAll(
            context.Saga.Members.Select(member => TaskSteps.Say(context, Endpoints.Tasks, GroupVerdicts.Part(context.Saga, member)))));
    }

    /// <summary>
    /// A group whose turn has come learns who its agents are: those that were named, or those that could do it now. The answer decides it for
    /// good, so both take the same way. It asks again when there is no answer, so none can be lost.
    /// </summary>
    public static Task AskWho(BehaviorContext<TaskSaga> context)
    {
        var (saga, policy, asked) = (context.Saga, TaskSteps.Policy(context), context.Saga.Asked);
        saga.WakeAt = TaskSteps.WholeMilliseconds(policy.Now + AskAgain(saga, policy));
        return asked.Agents is { } named
            ? TaskSteps.Say(context, Endpoints.Tasks, new AgentsFound { TaskId = saga.TaskId, Attempt = saga.Attempt, AgentIds = named })
            : TaskSteps.Say(context, Endpoints.Resources, new FindAgents
            {
                Room = AllocateResources.For(asked, saga.Attempt, saga.CreatedAt, saga.Deadline),
                Most = GroupRules.Most(asked),
            });
    }

    /// <summary>How long until a group that has no members asks again: ever longer, never more than half a minute.</summary>
    public static TimeSpan AskAgain(TaskSaga saga, TaskPolicy policy)
    {
        var (soon, waited) = (policy.Options.GroupAskAgain, (policy.Now - saga.CreatedAt) / 10);
        return waited < soon ? soon : waited < AskAgainMax ? waited : soon < AskAgainMax ? AskAgainMax : soon;
    }

    /// <summary>A member tells its group that its agent has begun.</summary>
    public static Task TellOfStart(BehaviorContext<TaskSaga> context) => Tell(context, new MemberMoved
    {
        TaskId = context.Saga.Task.ParentTaskId ?? "",
        MemberId = context.Saga.TaskId,
        State = TaskState.Running,
    });

    /// <summary>A member tells its group how it ended; a group writes down how its members stand at its end.</summary>
    public static Task TellOfEnd(BehaviorContext<TaskSaga> context)
    {
        var (saga, cause) = (context.Saga, context.Saga.Cause);
        if (saga.Members.Count > 0)
        {
            saga.Cause = cause with { Members = [.. GroupVerdicts.AtTheEnd(saga, saga.Members).Select(member => member.View())] };
        }

        var state = WireWord.Parse<TaskState>(saga.State);
        return Tell(context, new MemberMoved
        {
            TaskId = saga.Task.ParentTaskId ?? "",
            MemberId = saga.TaskId,
            State = state,
            Result = cause.Result,
            ExecutionMetadata = cause.ExecutionMetadata,
            Error = state == TaskState.Completed ? null
                : cause.Error ?? (cause.Code is { } code ? new TaskError { Code = code, Message = cause.Reason ?? saga.State } : null),
        });
    }

    private static Task Tell(BehaviorContext<TaskSaga> context, MemberMoved word) =>
        context.Saga.Task is { AsMember: true, ParentTaskId: not null } ? TaskSteps.Say(context, Endpoints.Tasks, word) : Task.CompletedTask;
}

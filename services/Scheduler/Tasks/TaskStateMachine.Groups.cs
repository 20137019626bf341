using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Groups;
using MassTransit;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>The part of the life that only a task of several agents has. What is decided is in <see cref="GroupVerdicts"/>.</summary>
public sealed partial class TaskStateMachine
{
    /// <summary><c>resource.agents.found</c>: who could do it now.</summary>
    public Event<AgentsFound> AgentsKnown { get; private set; } = null!;

    /// <summary><c>task.member.moved</c>: one of its agents has begun, or ended.</summary>
    public Event<MemberMoved> MemberHeard { get; private set; } = null!;

    private void DeclareGroups()
    {
        During(Queued,
            When(AgentsKnown)
                .Judge((saga, message, policy) => GroupVerdicts.OfAgents(saga, message, GroupSteps.AskAgain(saga, policy)))
                .Case(Verdict.Proceed, these => these.HandOut().TransitionTo(Running))
                .Case(Verdict.Wait, nobody => nobody.Explain())
                .Case(Verdict.Block, still => still.Rearm())
                .Case(Verdict.Reject, never => never.TransitionTo(Rejected))
                .Case(Verdict.Refused, stale => stale.Refuse()));

        During(Running,
            When(MemberHeard).Judge((saga, message, policy) => GroupVerdicts.OfMember(saga, message, policy.Now))
                .Case(Verdict.Proceed, news => news.Explain())
                .Case(Verdict.Complete, done => done.TransitionTo(Completed))
                .Case(Verdict.Fail, never => never.TransitionTo(Failed))
                .Case(Verdict.Expire, late => late.TransitionTo(Expired))
                .Case(Verdict.Refused, stale => stale.Refuse()));

        // Who the members are was decided, or is asked again when its turn comes back; what members of an ended group come to is not asked for.
        During([Awaited, Submitted, Blocked, Offered, Running, Paused, InputRequired, Completed, Failed, Cancelled, Rejected, Expired],
            Ignore(AgentsKnown));
        During([Awaited, Submitted, Blocked, Queued, Offered, Paused, InputRequired, Completed, Failed, Cancelled, Rejected, Expired],
            Ignore(MemberHeard));
    }

    private void CorrelateGroups()
    {
        Event(() => AgentsKnown, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
        Event(() => MemberHeard, e => e.CorrelateById(context => TaskKey.Of(context.Message.TaskId)).OnMissingInstance(m => m.Discard()));
    }
}

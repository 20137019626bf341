using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Ledger;
using MassTransit;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager.Allocations;

/// <summary>
/// The life of one attempt's claim to room; docs/allocation-lifecycle.md is the same as a table, held to it by a test. Who has room
/// and who waits is the pool's to say, as often as it is asked, and to a claim that gets its place later the pool itself speaks. It commits
/// before the saga does, so its word may overtake the saga's own commit: that is why a new saga also hears revoked.
/// </summary>
public sealed class AllocationStateMachine : MassTransitStateMachine<AllocationSaga>
{
    /// <summary>Over one pool; lazily, because machines are made while the bus is, and the pool's way out needs the bus.</summary>
    public AllocationStateMachine(Lazy<IPool> pool, IOptions<ResourceManagerOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (agingStep, keepClosed) = (options.Value.AgingStep, options.Value.KeepClosed);
        (Waiting, Granted, Denied) = (State("waiting"), State("granted"), State("denied"));
        (Released, Revoked) = (State("released"), State("revoked"));
        InstanceState(saga => saga.State);
        Event(() => AllocateRequested,
            e => e.CorrelateById(c => TaskKey.OfAttempt(c.Message.TaskId, c.Message.Attempt)));
        Event(() => ReleaseRequested,
            e => e.CorrelateById(c => TaskKey.OfAttempt(c.Message.TaskId, c.Message.Attempt)));
        Event(() => AgentLost, e => e.CorrelateById(c => TaskKey.OfAttempt(c.Message.TaskId, c.Message.Attempt)));

        During([Initial, Waiting, Granted],
            When(AllocateRequested).ClaimFrom(pool, agingStep)
                .IfAnswered<ClaimAnswer.Granted>(it => it.SayAllocated().TransitionTo(Granted))
                .IfAnswered<ClaimAnswer.Waits>(it => it.SayWaiting().TransitionTo(Waiting))
                .IfAnswered<ClaimAnswer.Denied>(it => it.SayDenied().TransitionTo(Denied))
                .IfAnswered<ClaimAnswer.Closed>(it => it.IfElse(
                    context => context.GetPayload<ClaimAnswer>() is ClaimAnswer.Closed { LostAgent: not null },
                    lost => lost.SayRevoked().TransitionTo(Revoked),
                    over => over.TransitionTo(Released))),
            When(AgentLost).NoteLoss().SayRevoked().TransitionTo(Revoked));

        Initially(When(ReleaseRequested).GiveBackTo(pool).TransitionTo(Released));

        During([Waiting, Granted],
            When(ReleaseRequested).GiveBackTo(pool).IfNothingIsHeld(it => it.TransitionTo(Released)));

        foreach (var end in new[] { Denied, Released, Revoked }) { WhenEnter(end, entering => entering.RememberFor(keepClosed)); }

        During(Denied,
            When(AllocateRequested).SayDenied(),
            Ignore(ReleaseRequested),       // nothing was held
            Ignore(AgentLost));

        During(Released,
            Ignore(AllocateRequested),      // the release was faster; the pool keeps the door closed
            Ignore(ReleaseRequested),
            Ignore(AgentLost));             // nobody holds anything that could be lost

        During(Revoked,
            When(AllocateRequested).SayRevoked(),
            Ignore(ReleaseRequested),       // the pool took it back already
            Ignore(AgentLost));
    }

    /// <summary>
    /// In the line, or past it: the pool tells the Scheduler itself when there is room. A release takes it out; the sweep tries the whole line again.
    /// </summary>
    public State Waiting { get; }

    /// <summary>Has room on an agent. The Scheduler releases it; should the agent die, the sweep revokes it.</summary>
    public State Granted { get; }

    /// <summary>Can never have room. Nobody acts; the Scheduler has been told.</summary>
    public State Denied { get; }

    /// <summary>Over: given back, or given up while it waited. Nobody acts.</summary>
    public State Released { get; }

    /// <summary>Over: its agent is gone. Nobody acts; the Scheduler has been told and makes the next attempt.</summary>
    public State Revoked { get; }

    /// <summary><c>resource.allocate</c> from the Scheduler.</summary>
    public Event<AllocateResources> AllocateRequested { get; private set; } = null!;

    /// <summary><c>resource.release</c> from the Scheduler.</summary>
    public Event<ReleaseResources> ReleaseRequested { get; private set; } = null!;

    /// <summary><c>resource-manager.revoked</c> from the pool.</summary>
    public Event<ClaimRevoked> AgentLost { get; private set; } = null!;
}

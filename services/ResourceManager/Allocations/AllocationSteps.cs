using System.Diagnostics;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Allocating = MassTransit.EventActivityBinder<

    A2A.Micro.ResourceManager.Allocations.AllocationSaga, A2A.Micro.Contracts.Resources.AllocateResources>;
using Releasing = MassTransit.EventActivityBinder<
    A2A.Micro.ResourceManager.Allocations.AllocationSaga, A2A.Micro.Contracts.Resources.ReleaseResources>;

namespace A2A.Micro.ResourceManager.Allocations;

/// <summary>The verbs of <see cref="AllocationStateMachine"/>: each changes the saga or says one thing.</summary>
internal static class AllocationSteps
{
    extension(Allocating step)
    {
        /// <summary>
        /// Asks the pool for room and keeps its answer for the branches that follow. Idempotent by the attempt: a crash before the
        /// saga's commit brings the message again, and the pool gives the same answer again.
        /// </summary>
        public Allocating ClaimFrom(Lazy<IPool> pool, TimeSpan agingStep) =>
            step.ThenAsync(async context =>
            {
                var message = context.Message;
                Name(context.Saga, message.TaskId, message.Attempt);
                var claim = ToClaim(message, agingStep);
                var answer = await pool.Value.Claim(claim, context.CancellationToken).ConfigureAwait(false);
                Keep(context.Saga, answer);
                context.Saga.IsKnownToPool = answer is not ClaimAnswer.Denied;
                _ = context.AddOrUpdatePayload(() => answer, _ => answer);
            });

        /// <summary><c>resource.allocated</c>, as the pool answers it every time.</summary>
        public Allocating SayAllocated() => step.ThenAsync(context =>
        {
            var granted = (ClaimAnswer.Granted)context.GetPayload<ClaimAnswer>();
            return context.Say(Endpoints.Tasks, granted.Place.Allocated(granted.TakesBulk));
        });

        /// <summary>Goes on only if the pool's answer was this one.</summary>
        public Allocating IfAnswered<TAnswer>(
            Func<Allocating, Allocating> then)
            where TAnswer : ClaimAnswer =>
            step.If(
                context => context.TryGetPayload<ClaimAnswer>(out var answer) && answer is TAnswer,
                binder => then(binder));
    }

    extension(Releasing step)
    {
        /// <summary>Gives the room back, or all that is named; the agent stays named while a part is held.</summary>
        public Releasing GiveBackTo(Lazy<IPool> pool) =>
            step.ThenAsync(async context =>
            {
                var message = context.Message;
                // Never heard of before: the pool remembers that the attempt is closed.
                context.Saga.IsKnownToPool |= context.Saga.TaskId.Length == 0;
                Name(context.Saga, message.TaskId, message.Attempt);
                var key = new AttemptKey(message.TaskId, message.Attempt);
                var stillHolds = await pool.Value.Release(key, message.ResourceIds, message.Outcome, context.CancellationToken)
                    .ConfigureAwait(false);
                var answer = new PoolAnswer.Released(stillHolds);
                _ = context.AddOrUpdatePayload(() => answer, _ => answer);
            });

        /// <summary>Goes on only if nothing is held any more.</summary>
        public Releasing IfNothingIsHeld(
            Func<Releasing, Releasing> then) =>
            step.If(
                context => context.TryGetPayload<PoolAnswer.Released>(out var answer) && !answer!.StillHolds,
                binder => then(binder));
    }

    extension(EventActivityBinder<AllocationSaga> entering)
    {
        /// <summary>It is over; repeats and late claims are recognised for this long.</summary>
        public EventActivityBinder<AllocationSaga> RememberFor(TimeSpan age) => entering.Then(context =>
            context.Saga.ExpiresAt = context.GetPayload<IServiceProvider>().GetRequiredService<TimeProvider>().GetUtcNow() + age);
    }

    extension(EventActivityBinder<AllocationSaga, ClaimRevoked> step)
    {
        /// <summary>Notes which agent is gone and why.</summary>
        public EventActivityBinder<AllocationSaga, ClaimRevoked> NoteLoss() => step.Then(context =>
        {
            Name(context.Saga, context.Message.TaskId, context.Message.Attempt);
            context.Saga.AgentId = context.Message.AgentId;
            context.Saga.Code = context.Message.Code;
        });
    }

    extension<TMessage>(EventActivityBinder<AllocationSaga, TMessage> step) where TMessage : class
    {
        /// <summary><c>resource.waiting</c> with what it waits for.</summary>
        public EventActivityBinder<AllocationSaga, TMessage> SayWaiting() => step.ThenAsync(
            context => context.Say(Endpoints.Tasks, new ResourcesWaiting
            {
                TaskId = context.Saga.TaskId,
                Attempt = context.Saga.Attempt,
                Code = context.Saga.Code!,
                Reason = context.Saga.Reason!,
            }));

        /// <summary><c>resource.denied</c> with what was missing.</summary>
        public EventActivityBinder<AllocationSaga, TMessage> SayDenied() => step.ThenAsync(
            context => context.Say(Endpoints.Tasks, new ResourcesDenied
            {
                TaskId = context.Saga.TaskId,
                Attempt = context.Saga.Attempt,
                Code = context.Saga.Code!,
                Reason = context.Saga.Reason!,
            }));

        /// <summary><c>resource.revoked</c> with the agent that is gone.</summary>
        public EventActivityBinder<AllocationSaga, TMessage> SayRevoked() => step.ThenAsync(
            context => context.Say(Endpoints.Tasks, new ResourcesRevoked
            {
                TaskId = context.Saga.TaskId,
                Attempt = context.Saga.Attempt,
                AgentId = context.Saga.AgentId!,
                Code = context.Saga.Code!,
            }));
    }

    /// <summary>A request in the ledger's own terms.</summary>
    public static ResourceClaim ToClaim(AllocateResources message, TimeSpan agingStep)
    {
        var attempt = new AttemptKey(message.TaskId, message.Attempt);
        return new ResourceClaim
        {
            Attempt = attempt,
            TaskType = message.TaskType,
            Wanted = Quantities.From(message.Requirements),
            Line = LineKey.Of(attempt, message.Priority, message.EnqueuedAt, message.Deadline, agingStep),
            Pin = message.ResponderAgentId,
            Excluded = [.. message.ExcludedAgents.Distinct().Order(StringComparer.Ordinal)],
            Avoid = message.AvoidAgent,
            Placement = message.Placement ?? PlacementRule.Anywhere,
            Requester = message.RequesterAgentId ?? QuotaRules.Anonymous,
            TraceParent = Activity.Current?.Id,
        };
    }

    private static void Name(AllocationSaga saga, string taskId, int attempt) =>
        (saga.TaskId, saga.Attempt) = (taskId, attempt);

    private static void Keep(AllocationSaga saga, ClaimAnswer answer)
    {
        if (answer is ClaimAnswer.Granted granted) { saga.AgentId = granted.Place.AgentId; }
        if (answer is ClaimAnswer.Closed { LostAgent: { } lost } closed) { (saga.AgentId, saga.Code) = (lost, closed.Code); }
        if (answer is ClaimAnswer.Waits waits) { (saga.Code, saga.Reason) = (waits.Why.Code, waits.Why.Sentence); }
        if (answer is ClaimAnswer.Denied denied) { (saga.Code, saga.Reason) = (denied.Why.Code, denied.Why.Sentence); }
    }
}

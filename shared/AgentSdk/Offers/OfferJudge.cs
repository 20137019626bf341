using System.Diagnostics;
using A2A.Micro.AgentSdk.Attempts;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security;
using A2A.Micro.Security.Encryption;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.AgentSdk.Offers;

/// <summary>Judges an offer with everything that the handler will see: parameters fetched and opened, checked and bound.</summary>
internal sealed class OfferJudge(
    AgentDefinition agent, AttemptRegister register, PayloadCourier courier, AgentKey sealing, IServiceProvider services, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan FetchMax = TimeSpan.FromSeconds(20);

    /// <summary>Fetches what the offer only refers to, decides, and takes the slot; null when there is nothing to answer.</summary>
    public async ValueTask<Taken?> Consider(OfferTask offer, CancellationToken cancellationToken)
    {
        if (PayloadReference.Of(offer.Parameters) is null || offer.OfferedUntil - clock.GetUtcNow() is var left && left <= TimeSpan.Zero)
        {
            return Judge(offer, null);
        }

        using var patience = new CancellationTokenSource(left < FetchMax ? left : FetchMax, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return Judge(offer with { Parameters = await courier.Whole(offer.Parameters, offer.TaskId, agent.AgentId, either.Token) }, null);
        }
        catch (InvalidDataException gone)
        {
            return Judge(offer, new(RejectionReason.InvalidParameters, gone.Message));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Judge(offer, new(RejectionReason.ResourceUnavailable, "the parameters could not be fetched in time"));
        }
    }

    private Taken? Judge(OfferTask offer, AcceptanceDecision.Rejected? unread)
    {
        var now = clock.GetUtcNow();
        if (offer.OfferedUntil <= now || offer.AgentId != agent.AgentId)
        {
            var why = offer.AgentId == agent.AgentId ? "it has expired" : "it is not for this agent";
            AgentLog.OfferDropped(log, offer.TaskId, offer.Attempt, why);
            return null;
        }

        var (opened, work, objection) = unread is null ? Prepare(offer) : (null, null, unread);
        var parent = Activity.Current?.Context ?? default;
        var taken = register.Take(offer, load => Acceptance.Decide(new AcceptanceFacts
        {
            TaskType = offer.TaskType,
            Handled = work is not null || objection is not null,
            Slots = agent.Capacity.Slots,
            Busy = load.Busy,
            Draining = load.Draining,
            Now = now,
            Deadline = offer.Deadline,
            Estimate = work?.Estimate,
            Objection = objection,
        }), () => new Attempt(opened!, work!, parent));
        if (taken.Rejection is { } no)
        {
            AgentLog.Rejected(log, offer.TaskType, offer.TaskId, offer.Attempt, no.Code.Word(), no.Reason);
        }

        return taken;
    }

    private (OpenedOffer? Opened, IWork? Work, AcceptanceDecision.Rejected? Objection) Prepare(OfferTask offer)
    {
        OpenedOffer? opened = null;
        try
        {
            opened = OpenedOffer.Of(offer, sealing);
            return (opened, agent.Find(offer.TaskType)?.Prepare(opened.Offer, services), null);
        }
        catch (SecurityBreachException breach)
        {
            // Sealed for a start of this agent that is gone, or not for it at all: whoever asks again has the key of now.
            AgentLog.NotForUs(log, offer.TaskId, offer.Attempt, breach.Message);
            return (null, null, new(RejectionReason.ResourceUnavailable, "the agent could not open the secrets of the task"));
        }
        catch (TaskRejectedException no)
        {
            return (opened, null, new(no.Reason, opened!.Secrets.Without(no.Message)!));
        }
        catch (Exception fault)
        {
            // A handler that cannot even judge the task is a fault of this agent; another may manage.
            var shown = offer.Seal is null ? fault : null; // a stack is worth much, but its text may hold a secret
            AgentLog.CannotJudge(log, shown, offer.TaskType, offer.TaskId, offer.Attempt, opened?.Secrets.Without(fault.Message));
            return (opened, null, new(RejectionReason.ResourceUnavailable, "the agent could not check the task"));
        }
    }
}

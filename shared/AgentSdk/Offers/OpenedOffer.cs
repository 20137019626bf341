using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Security;
using A2A.Micro.Security.Encryption;

namespace A2A.Micro.AgentSdk.Offers;

/// <summary>An offer with its secrets opened, for the handler alone.</summary>
internal sealed class OpenedOffer
{
    private OpenedOffer(OfferTask offer, TaskSecrets secrets) => (Offer, Secrets) = (offer, secrets);

    /// <summary>What the handler sees.</summary>
    public OfferTask Offer { get; }

    /// <summary>The way out for everything that may hold a secret.</summary>
    public TaskSecrets Secrets { get; }

    /// <summary>Opens an offer; one without secrets is what it is.</summary>
    /// <exception cref="SecurityBreachException">It was sealed for somebody else, or has been changed.</exception>
    public static OpenedOffer Of(OfferTask offer, AgentKey mine)
    {
        var secrets = new TaskSecrets();
        if (offer.Seal is not { } seal) { return new OpenedOffer(offer, secrets); }
        secrets.Learn(seal, mine, offer.AgentId, offer.Attempt);
        return new OpenedOffer(offer with
        {
            Parameters = secrets.Open(offer.Parameters, SealedFields.Parameters),
            Inputs = secrets.Open(offer.Inputs, SealedFields.Inputs),
            ResumeToken = secrets.OpenToken(offer.ResumeToken),
        }, secrets);
    }

    /// <summary>The same secrets for an offer that goes on from another place.</summary>
    public OpenedOffer At(string? token) => new(Offer with { ResumeToken = Secrets.OpenToken(token) }, Secrets);
}

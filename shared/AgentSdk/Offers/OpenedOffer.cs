using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Security;
using A2A.Micro.Security.Encryption;

namespace A2A.Micro.AgentSdk.Offers;

/// <summary>
/// An offer with its secrets opened, for the handler alone. What is said about it goes out through here: results are sealed where they are marked,
/// and no text repeats a secret.
/// </summary>
internal sealed class OpenedOffer
{
    private readonly byte[]? key;
    private readonly TaskSeal? seal;
    private readonly Secrets secrets;

    private OpenedOffer(OfferTask offer, byte[]? key, TaskSeal? seal, Secrets secrets) =>
        (Offer, this.key, this.seal, this.secrets) = (offer, key, seal, secrets);

    /// <summary>What the handler sees.</summary>
    public OfferTask Offer { get; }

    /// <summary>Opens an offer; one without secrets is what it is.</summary>
    /// <exception cref="SecurityBreachException">It was sealed for somebody else, or has been changed.</exception>
    public static OpenedOffer Of(OfferTask offer, AgentKey mine)
    {
        if (offer.Seal is not { } seal) { return new OpenedOffer(offer, null, null, Secrets.None); }
        var key = TaskKeyring.Open(mine, seal, offer.AgentId, offer.Attempt);
        if (offer.Parameters is not { } parameters) { return new OpenedOffer(offer, key, seal, Secrets.None); }
        var (open, texts) = SealedFields.Open(parameters, SealedFields.Parameters, key, seal);
        return new OpenedOffer(offer with { Parameters = open }, key, seal, new Secrets(texts));
    }

    /// <summary>The same secrets for an offer that goes on.</summary>
    public OpenedOffer With(OfferTask offer) => new(offer, key, seal, secrets);

    /// <summary>A result, or a part of one, as it may leave.</summary>
    public JsonElement? Seal(JsonElement? result) => result is { } made && seal is { Results: { Count: > 0 } places }
        ? SealedFields.Seal(made, places, SealedFields.Result, key!, seal)
        : result;

    /// <summary>A text as it may leave.</summary>
    public string? Without(string? text) => secrets.Without(text);

    /// <summary>An error as it may leave.</summary>
    public TaskError Without(TaskError error) => error with { Message = Without(error.Message)! };
}

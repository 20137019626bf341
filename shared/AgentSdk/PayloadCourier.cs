using System.Runtime.InteropServices;
using System.Text.Json;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.AgentSdk;

/// <summary>Brings large parameters and takes large results away, part by part, so that a handler never learns how they travelled.</summary>
internal sealed class PayloadCourier(Insistence insistence, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // StateSync hears of an attempt at most moments later than its agent; longer than this something is wrong.
    private const int RefusalsMax = 100;

    /// <summary>What a value is: itself, or what it refers to.</summary>
    /// <exception cref="InvalidDataException">It is gone, or not what the reference says.</exception>
    /// <exception cref="OperationCanceledException">It did not come in time.</exception>
    public async ValueTask<JsonElement?> Whole(JsonElement? value, string taskId, string agentId, CancellationToken cancellation)
    {
        if (PayloadReference.Of(value) is not { } reference) { return value; }
        var parts = new List<ReadOnlyMemory<byte>>(reference.Parts);
        for (var number = 1; number <= reference.Parts; number++)
        {
            var answer = await insistence.Ask<ReadPayload, PayloadRead>(Endpoints.Payloads, new ReadPayload
            {
                PayloadId = reference.PayloadId,
                TaskId = taskId,
                AgentId = agentId,
                Number = number,
            }, cancellation);
            if (answer.Error is { } error) { throw new InvalidDataException($"the payload {reference.PayloadId} cannot be had: {error.Message}"); }
            parts.Add(answer.Data);
        }

        return PayloadPacking.Unpack(reference, parts);
    }

    /// <summary>A value as it may travel: itself up to a bound, above it a reference to what is stored before this returns.</summary>
    /// <exception cref="InvalidDataException">It was not taken.</exception>
    /// <exception cref="OperationCanceledException">It was not taken in time.</exception>
    public async ValueTask<JsonElement> Claim(JsonElement value, int inlineMax, OfferTask offer, CancellationToken cancellation)
    {
        if (JsonMarshal.GetRawUtf8Value(value).Length <= inlineMax) { return value; }
        var packed = PayloadPacking.Pack(value, Guid.CreateVersion7(clock.GetUtcNow()));
        for (var number = 1; number <= packed.Parts.Count; number++)
        {
            await Store(new StorePayload
            {
                Reference = packed.Reference,
                TaskId = offer.TaskId,
                Attempt = offer.Attempt,
                AgentId = offer.AgentId,
                Number = number,
                Data = packed.Parts[number - 1],
            }, cancellation);
        }

        return packed.Reference.Element();
    }

    private async Task Store(StorePayload part, CancellationToken cancellation)
    {
        for (var refusals = 0; ; refusals++)
        {
            var answer = await insistence.Ask<StorePayload, PayloadStored>(Endpoints.Payloads, part, cancellation);
            if (answer.Error is not { } error) { return; }
            if (!error.Retryable || refusals == RefusalsMax) { throw new InvalidDataException($"it could not be stored: {error.Message}"); }
            await Task.Delay(Pause, clock, cancellation);
        }
    }
}

using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;

namespace A2A.Micro.Gateway.Payloads;

/// <summary>
/// The claim check (requirement 70): large parameters leave as a reference, and whoever reads a task over HTTP sees the values again, wherever they
/// lay meanwhile. Sealed values stay sealed in it.
/// </summary>
public sealed class Payloads(IPayloadStore store)
{
    /// <summary>The task as it travels, and what is to be stored with it; null when it is small enough as it is. Pure but for the chance.</summary>
    public static (SubmitTask Task, PackedPayload? Payload) Claim(SubmitTask task, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task.Parameters is not { } given
            || System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(given).Length <= PayloadReference.ParametersInlineMax)
        {
            return (task, null);
        }

        var packed = PayloadPacking.Pack(given, Guid.CreateVersion7(now));
        return (task with { Parameters = packed.Reference.Element() }, packed);
    }

    /// <summary>A reading with what travelled by reference in its place; one that is gone, with a task that is not, stays a reference.</summary>
    public async ValueTask<Reading> Whole(Reading reading, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reading);
        return reading with { Document = await Whole(reading.Document, cancellation).ConfigureAwait(false) };
    }

    /// <summary>The same for a document.</summary>
    public async ValueTask<TaskDocument> Whole(TaskDocument document, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(document);
        var (parameters, result) = (PayloadReference.Of(document.Parameters), PayloadReference.Of(document.Result));
        if (parameters is null && result is null) { return document; }
        return document with
        {
            Parameters = parameters is null ? document.Parameters : await Fetch(parameters, cancellation).ConfigureAwait(false) ?? document.Parameters,
            Result = result is null ? document.Result : await Fetch(result, cancellation).ConfigureAwait(false) ?? document.Result,
        };
    }

    private async Task<System.Text.Json.JsonElement?> Fetch(PayloadReference reference, CancellationToken cancellation)
    {
        var parts = await store.Parts(reference.PayloadId, cancellation).ConfigureAwait(false);
        if (parts.Count != reference.Parts) { return null; }
        try
        {
            return PayloadPacking.Unpack(reference, parts);
        }
        catch (InvalidDataException)
        {
            // An agent may say what it likes of what it stored; the reference is then all that there is.
            return null;
        }
    }
}

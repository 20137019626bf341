using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using MassTransit.Serialization;

namespace A2A.Micro.ServiceDefaults;

/// <summary>An envelope that was read; a message in it that does not fit its contract is refused with MSG001 and the field (requirement 45).</summary>
internal sealed class ContractContext(SystemTextJsonMessageSerializer json, JsonMessageEnvelope envelope) : SystemTextJsonSerializerContext(
    json, SystemTextJsonMessageSerializer.Options, SystemTextJsonMessageSerializer.JsonContentType, new EnvelopeMessageContext(envelope, json),
    envelope.MessageType ?? [], envelope)
{
    public override bool TryGetMessage<T>([NotNullWhen(true)] out T? message) where T : class
    {
        try
        {
            return base.TryGetMessage(out message);
        }
        catch (JsonException e) when (Message is JsonElement element)
        {
            throw WrongShape.Of(typeof(T), element, e, Options);
        }
    }

    public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message)
    {
        try
        {
            return base.TryGetMessage(messageType, out message);
        }
        catch (JsonException e) when (Message is JsonElement element)
        {
            throw WrongShape.Of(messageType, element, e, Options);
        }
    }
}

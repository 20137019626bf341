using System.Text.Json;
using MassTransit;

namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// Many messages for one endpoint in one: what was ready at the same time travels together and is taken in together, so that it also
/// commits together. Between parts of this system only; foreign clients send plain messages to the same endpoints.
/// </summary>
[MessageUrn("a2a:bulk", useDefaultPrefix: false), EntityName("bulk")]
public sealed record Bulk
{
    /// <summary>The messages, in the order in which they were said.</summary>
    public required IReadOnlyList<BulkEntry> Entries { get; init; }
}

/// <summary>One message of a <see cref="Bulk"/>; everything that makes it a message of its own.</summary>
public sealed record BulkEntry
{
    /// <summary>Its own MessageId: the receiver's inbox knows it by that, alone or in company.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Its type.</summary>
    public required string Urn { get; init; }

    /// <summary>The message.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>W3C trace context of the work that caused it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The conversation it belongs to.</summary>
    public Guid? ConversationId { get; init; }
}

using A2A.Micro.Contracts.Tasks;
using MassTransit;

namespace A2A.Micro.Contracts.Payloads;

/// <summary><c>payload.store</c>: one part of a large result, or of the parameters of a child, before the reference to it is sent.</summary>
[MessageUrn("a2a:payload.store", useDefaultPrefix: false), EntityName("payload.store")]
public sealed record StorePayload
{
    /// <summary>What will stand in its place.</summary>
    public required PayloadReference Reference { get; init; }

    /// <summary>The task that it belongs to; it is kept as long as that.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt of the agent at this task; only the current one may store.</summary>
    public required int Attempt { get; init; }

    /// <summary>Who stores.</summary>
    public required string AgentId { get; init; }

    /// <summary>Which part, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The part, at most 512 KiB; base64.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }
}

/// <summary><c>payload.stored</c>: what became of a part.</summary>
[MessageUrn("a2a:payload.stored", useDefaultPrefix: false), EntityName("payload.stored")]
public sealed record PayloadStored
{
    /// <summary>The payload.</summary>
    public required Guid PayloadId { get; init; }

    /// <summary>Which part.</summary>
    public required int Number { get; init; }

    /// <summary>Why it is not stored; absent: it is.</summary>
    public TaskError? Error { get; init; }
}

/// <summary><c>payload.read</c>: one part of a payload whose reference was handed over.</summary>
[MessageUrn("a2a:payload.read", useDefaultPrefix: false), EntityName("payload.read")]
public sealed record ReadPayload
{
    /// <summary>The payload.</summary>
    public required Guid PayloadId { get; init; }

    /// <summary>The task for which it is read, of the same tenant; the payload is kept as long as that, too.</summary>
    public required string TaskId { get; init; }

    /// <summary>The agent that asks.</summary>
    public required string AgentId { get; init; }

    /// <summary>Which part, from 1.</summary>
    public required int Number { get; init; }
}

/// <summary><c>payload.read.answer</c>: the part, or why there is none.</summary>
[MessageUrn("a2a:payload.read.answer", useDefaultPrefix: false), EntityName("payload.read.answer")]
public sealed record PayloadRead
{
    /// <summary>The payload.</summary>
    public required Guid PayloadId { get; init; }

    /// <summary>Which part.</summary>
    public required int Number { get; init; }

    /// <summary>The part; base64.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Why there is none; absent: there is.</summary>
    public TaskError? Error { get; init; }
}

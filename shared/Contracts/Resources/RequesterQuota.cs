using A2A.Micro.Contracts.Agents;
using MassTransit;

namespace A2A.Micro.Contracts.Resources;

/// <summary><c>resource.quota</c>: question to the ResourceManager what a requester has and may have; answered with <see cref="RequesterQuota"/>.</summary>
[MessageUrn("a2a:resource.quota", useDefaultPrefix: false), EntityName("resource.quota")]
public sealed record ReadQuota
{
    /// <summary>The requester; <c>anonymous</c> for all tasks together that name nobody.</summary>
    public required string RequesterId { get; init; }
}

/// <summary>Answer to <see cref="ReadQuota"/>; one that nobody has heard of has nothing and may have what everybody may.</summary>
[MessageUrn("a2a:resource.quota.answer", useDefaultPrefix: false), EntityName("resource.quota.answer")]
public sealed record RequesterQuota
{
    /// <summary>The requester.</summary>
    public required string RequesterId { get; init; }

    /// <summary>When this was true, by the clock of the store.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Its worth when room is shared.</summary>
    public required double Weight { get; init; }

    /// <summary>Whether it may have more than is guaranteed.</summary>
    public required bool Borrowing { get; init; }

    /// <summary>The part of the fleet that it has, of the kind of which it has most; 0..1.</summary>
    public required double DominantShare { get; init; }

    /// <summary>Kind by kind.</summary>
    public required IReadOnlyList<QuotaKind> Resources { get; init; }
}

/// <summary>What a requester has and may have of one kind, in cores, GiB or pieces.</summary>
public sealed record QuotaKind
{
    /// <summary><c>slot</c>, <c>cpu</c>, <c>memory</c>, <c>storage</c> or <c>gpu</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it has now.</summary>
    public required double Used { get; init; }

    /// <summary>So much goes before what others borrow; absent: nothing is guaranteed.</summary>
    public double? Guaranteed { get; init; }

    /// <summary>The most it may have at one time; absent: no limit.</summary>
    public double? Limit { get; init; }
}

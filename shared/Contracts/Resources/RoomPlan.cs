using MassTransit;

namespace A2A.Micro.Contracts.Resources;

/// <summary><c>resource.plan</c>: question to the ResourceManager what would become of a claim; answered with <see cref="RoomPlan"/>.</summary>
[MessageUrn("a2a:resource.plan", useDefaultPrefix: false), EntityName("resource.plan")]
public sealed record PlanRoom
{
    /// <summary>What would be asked for; nothing is reserved.</summary>
    public required AllocateResources Room { get; init; }

    /// <summary>How long work of some types runs, for the estimate of the start; at most 64 types.</summary>
    public IReadOnlyList<TypeRunTime> RunTimes { get; init; } = [];
}

/// <summary>Answer to <see cref="PlanRoom"/>; true for its moment only.</summary>
[MessageUrn("a2a:resource.plan.answer", useDefaultPrefix: false), EntityName("resource.plan.answer")]
public sealed record RoomPlan
{
    /// <summary>When this was true, by the clock of the store.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Whether an agent that is known could ever run it, however idle; true as well while nobody is known who does this work.</summary>
    public required bool Feasible { get; init; }

    /// <summary>The agent that would get it at once; absent when it would wait or be denied.</summary>
    public string? AgentId { get; init; }

    /// <summary>Why it would be denied; absent otherwise.</summary>
    public WaitReason? Denied { get; init; }

    /// <summary>Why it would wait, where in the line, and until when; absent when it would start at once.</summary>
    public WaitExplanation? Waits { get; init; }
}

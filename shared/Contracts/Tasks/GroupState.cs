namespace A2A.Micro.Contracts.Tasks;

/// <summary>When a task that several agents do is done.</summary>
public enum GroupCompletion
{
    /// <summary>A word of a newer version of the protocol.</summary>
    Unknown = 0,

    /// <summary>When every agent has succeeded.</summary>
    All,

    /// <summary>With the first that succeeds; the others are told to stop.</summary>
    Any,

    /// <summary>When so many have succeeded; the others are told to stop.</summary>
    Quorum,
}

/// <summary>A task that several agents do, as readers see it.</summary>
public sealed record GroupState
{
    /// <summary>When it is done.</summary>
    public required GroupCompletion Completion { get; init; }

    /// <summary>How many must succeed; absent until it is known who the members are.</summary>
    public int? Needed { get; init; }

    /// <summary>One per agent; decided once, in the order in which the agents were found or named. Empty until then.</summary>
    public IReadOnlyList<MemberState> Members { get; init; } = [];

    /// <summary>A group of which nobody knows yet who belongs to it; null for a task that is none.</summary>
    public static GroupState? Of(SubmitTask task) =>
        GroupRules.IsGroup(task) ? new GroupState { Completion = GroupRules.Completion(task) } : null;

    /// <summary>With the news of a step: who was not known is added, the others stand as they do now.</summary>
    /// <param name="news">Members about which there is something new.</param>
    /// <param name="needed">How many must succeed, with the step that decides who the members are; null: as before.</param>
    public GroupState With(IReadOnlyList<MemberState> news, int? needed)
    {
        ArgumentNullException.ThrowIfNull(news);
        var byId = news.ToDictionary(member => member.TaskId, StringComparer.Ordinal);
        return this with
        {
            Needed = needed ?? Needed,
            Members =
            [
                .. Members.Select(member => byId.Remove(member.TaskId, out var now) ? now : member).ToList(),
                .. news.Where(member => byId.ContainsKey(member.TaskId)),
            ],
        };
    }
}

/// <summary>One agent's part in a group.</summary>
public sealed record MemberState
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>The task that it was given.</summary>
    public required string TaskId { get; init; }

    /// <summary><c>submitted</c>, <c>running</c> once the agent has begun, or how it ended for the group.</summary>
    public required TaskState State { get; init; }

    /// <summary>Why it did not succeed; <c>LOST_RACE</c>: others were first.</summary>
    public string? Code { get; init; }

    /// <summary>The same for a person.</summary>
    public string? Reason { get; init; }
}

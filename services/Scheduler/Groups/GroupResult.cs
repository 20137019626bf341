using System.Text.Json;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Dependencies;

namespace A2A.Micro.Scheduler.Groups;

/// <summary>What a broadcast came to: the result of a task that many agents did.</summary>
public sealed record GroupResult
{
    /// <summary>
    /// Bytes of results that a group keeps; each member has an equal share, so that it does not matter who is heard first.
    /// </summary>
    public const int BytesMax = 1024 * 1024;

    /// <summary>When it was done.</summary>
    public required GroupCompletion Completion { get; init; }

    /// <summary>How many had to succeed.</summary>
    public required int Needed { get; init; }

    /// <summary>How many members stand how, by state.</summary>
    public required IReadOnlyDictionary<string, int> Counts { get; init; }

    /// <summary>One per agent, in the order of the members.</summary>
    public required IReadOnlyList<MemberOutcome> Outcomes { get; init; }

    /// <summary>The result of these members.</summary>
    public static JsonElement Of(SubmitTask task, IReadOnlyList<GroupMember> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        return JsonSerializer.SerializeToElement(new GroupResult
        {
            Completion = GroupRules.Completion(task),
            Needed = GroupRules.Needed(task, members.Count),
            Counts = members.GroupBy(member => member.State.Word()).OrderBy(group => group.Key, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
            Outcomes = [.. members.Select(MemberOutcome.Of)],
        }, WireJson.Options);
    }

    /// <summary>A member with its result as far as the group keeps it.</summary>
    /// <param name="member">The member.</param>
    /// <param name="result">What it came to.</param>
    /// <param name="members">How many share the room.</param>
    public static GroupMember Keep(GroupMember member, JsonElement result, int members)
    {
        ArgumentNullException.ThrowIfNull(member);
        var most = Math.Min(DependencyRules.PassedBytesMax, BytesMax / Math.Max(1, members));
        if (PayloadReference.Of(result) is { } reference) { return member with { Omitted = $"it has {reference.Bytes} bytes; the member has it" }; }
        if (Watching.Bytes(result) > most) { return member with { Omitted = $"it has more than {most} bytes; the member has it" }; }
        return ParameterMap.Depth(result) > DependencyRules.PassedDepthMax
            ? member with { Omitted = $"it nests deeper than {DependencyRules.PassedDepthMax}; the member has it" }
            : member with { Result = result };
    }
}

/// <summary>What one agent of a broadcast came to.</summary>
public sealed record MemberOutcome
{
    /// <summary>The agent.</summary>
    public required string AgentId { get; init; }

    /// <summary>The task that it was given.</summary>
    public required string TaskId { get; init; }

    /// <summary>How it ended.</summary>
    public required TaskState State { get; init; }

    /// <summary>Its result, when it completed.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why the result is not here although it completed.</summary>
    public string? ResultOmitted { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public TaskError? Error { get; init; }

    internal static MemberOutcome Of(GroupMember member) => new()
    {
        AgentId = member.AgentId,
        TaskId = member.TaskId,
        State = member.State,
        Result = member.Result,
        ResultOmitted = member.Omitted,
        Error = member.Error,
    };
}

using System.Text.Json.Serialization;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Dependencies;

/// <summary>Somebody who waits for this task, or is a part of it.</summary>
public sealed record Watcher
{
    /// <summary>The task that waits.</summary>
    public required string DependentId { get; init; }

    /// <summary>Since when, to the millisecond.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>It is enough that an agent begins.</summary>
    public bool UntilStarted { get; init; }

    /// <summary>JSON pointers of the parts of the result that it wants.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }

    /// <summary>A child of this task.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AsChild { get; init; }

    /// <summary>What the child wants for itself when this task ends; null: the default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ParentEnd? OnParentEnd { get; init; }

    /// <summary>The child was told that it is taken in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsTakenIn { get; init; }

    /// <summary>The agent that is to be told instead of the task.</summary>
    public string? AgentId { get; init; }

    /// <summary>The attempt in which it waits.</summary>
    public int? Attempt { get; init; }

    /// <summary>Whether it is the same one who asks again: a task may wait, be a child, and have an agent that waits.</summary>
    public bool IsSame(Watcher other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return DependentId == other.DependentId && AsChild == other.AsChild && AgentId is null == other.AgentId is null;
    }
}

using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk;

/// <summary>What a child is asked to do. What is left out comes from its type, except where it says otherwise here.</summary>
public sealed record ChildTask
{
    /// <summary>What kind of work it is, such as <c>data.analysis</c>.</summary>
    public required string TaskType { get; init; }

    /// <summary>What to work on: anything that becomes snake_case JSON of at most 256 KiB.</summary>
    public object? Parameters { get; init; }

    /// <summary>
    /// JSON pointers into the parameters that hold secrets, with those that their record marks <c>[Sensitive]</c>. They leave sealed with the key of the
    /// parent, which must have one: it has secrets of its own, or its type marks some.
    /// </summary>
    public IReadOnlyList<string> Sensitive { get; init; } = [];

    /// <summary>JSON pointers into the result that its agent seals; the parent reads them.</summary>
    public IReadOnlyList<string> SensitiveResults { get; init; } = [];

    /// <summary>1 low .. 4 critical; 0: that of its parent.</summary>
    public int Priority { get; init; }

    /// <summary>Must be finished by then; null: by the deadline of its parent, if that has one.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What it needs while it runs.</summary>
    public Requirements? Requirements { get; init; }

    /// <summary>The only agent that may do it.</summary>
    public string? ResponderAgentId { get; init; }

    /// <summary>Tasks that must have come to something first: other children by <see cref="Child.TaskId"/>, or any other task.</summary>
    public IReadOnlyList<Dependency> Dependencies { get; init; } = [];

    /// <summary>What becomes of it when its parent ends; null: it goes on after a result, and is cancelled without one.</summary>
    public ParentEnd? OnParentEnd { get; init; }

    /// <summary>What happens after a failed attempt.</summary>
    public RetryRule? Retry { get; init; }
}

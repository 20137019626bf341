using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Contracts.States;

/// <summary>
/// What StateSync answers. Over HTTP between processes, in process in Standalone; the Gateway cannot tell the difference.
/// </summary>
public interface IStateQueries
{
    /// <summary>The document, or null when StateSync has not heard of the task yet.</summary>
    Task<TaskDocument?> Find(string taskId, CancellationToken cancellation);

    /// <summary>The documents of these tasks, in any order; those that StateSync has not heard of are left out.</summary>
    Task<IReadOnlyList<TaskDocument>> Find(IReadOnlyList<string> taskIds, CancellationToken cancellation);

    /// <summary>The same without parameters, metadata and results: what is large is not read.</summary>
    Task<IReadOnlyList<TaskDocument>> Heads(IReadOnlyList<string> taskIds, CancellationToken cancellation);

    /// <summary>Versions of a task after <paramref name="afterVersion"/>, in order, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<TaskChange>> History(string taskId, long afterVersion, int limit, CancellationToken cancellation);

    /// <summary>The versions that partial results made, after <paramref name="afterVersion"/>, in order, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<TaskChange>> Partials(string taskId, long afterVersion, int limit, CancellationToken cancellation);

    /// <summary>One page of documents, newest change first.</summary>
    Task<TaskPage> List(TaskFilter filter, CancellationToken cancellation);

    /// <summary>A task with all that stands below it, at most <paramref name="limit"/> tasks; null when StateSync has not heard of it yet.</summary>
    Task<TaskTree?> Tree(string taskId, int limit, CancellationToken cancellation);
}

/// <summary>A task and its descendants.</summary>
public sealed record TaskTree
{
    /// <summary>Most tasks of one answer.</summary>
    public const int LimitMax = 1000;

    /// <summary>
    /// The documents without parameters and results, the task itself first, then level by level, the older ones first; parents always
    /// before their children.
    /// </summary>
    public required IReadOnlyList<TaskDocument> Tasks { get; init; }

    /// <summary>There are more than the limit.</summary>
    public bool More { get; init; }
}

/// <summary>Which documents are wanted.</summary>
public sealed record TaskFilter
{
    /// <summary>Only tasks of this tenant.</summary>
    public string Tenant { get; init; } = Wire.TenantNames.Default;

    /// <summary>Any of these states; empty: all.</summary>
    public IReadOnlyList<TaskState> States { get; init; } = [];

    /// <summary>Exact type, or a prefix when it ends in <c>.*</c>.</summary>
    public string? TaskType { get; init; }

    /// <summary>Only what this requester asked for.</summary>
    public string? RequesterAgentId { get; init; }

    /// <summary>Only the children of this task.</summary>
    public string? ParentTaskId { get; init; }

    /// <summary>Any of these exact types; empty: all.</summary>
    public IReadOnlyList<string> TaskTypes { get; init; } = [];

    /// <summary>Only what this agent has, or had last.</summary>
    public string? AgentId { get; init; }

    /// <summary>Only of this priority, 1..4.</summary>
    public int? Priority { get; init; }

    /// <summary>Metadata that must be there, each as <c>name=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Submitted at this time or later.</summary>
    public DateTimeOffset? CreatedAfter { get; init; }

    /// <summary>Submitted before this time.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>Changed last at this time or later.</summary>
    public DateTimeOffset? UpdatedAfter { get; init; }

    /// <summary>Changed last before this time.</summary>
    public DateTimeOffset? UpdatedBefore { get; init; }

    /// <summary>Where the last page ended.</summary>
    public TaskCursor? After { get; init; }

    /// <summary>1..200.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>A place in the list: sort key and id (conventions C8).</summary>
public sealed record TaskCursor
{
    /// <summary>Last change of the last document of the page, in microseconds since 1970.</summary>
    public required long UpdatedAtUs { get; init; }

    /// <summary>Its id.</summary>
    public required string TaskId { get; init; }
}

/// <summary>One page.</summary>
public sealed record TaskPage
{
    /// <summary>The documents, newest change first, without parameters and results.</summary>
    public required IReadOnlyList<TaskDocument> Tasks { get; init; }

    /// <summary>Where the next page begins; null at the end.</summary>
    public TaskCursor? Next { get; init; }
}

using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;

namespace A2A.Micro.Gateway.Batches;

/// <summary>Many tasks in one request. As <c>application/x-ndjson</c> every line is one of <see cref="Tasks"/>.</summary>
public sealed record SubmitBatchRequest
{
    /// <summary>
    /// True (default): all tasks are accepted or none. False: each by itself; what depends on a refused one is refused too.
    /// <c>?atomic=false</c> says the same.
    /// </summary>
    public bool? Atomic { get; init; }

    /// <summary>
    /// 1 to 1000 submissions. Each may have a <c>name</c>, 1..64 characters of <c>[A-Za-z0-9._-]</c>, by which the <c>dependencies</c> of
    /// the others may call it, in any order.
    /// </summary>
    public required IReadOnlyList<BatchTaskRequest> Tasks { get; init; }
}

/// <summary>One task of a batch: a submission with a local name.</summary>
public sealed record BatchTaskRequest
{
    /// <summary>What the others of this batch call it; means nothing after the request.</summary>
    public string? Name { get; init; }

    /// <summary>As in a single submission, and so is everything else that a single submission may have.</summary>
    public string? TaskId { get; init; }

    /// <summary>Dotted name such as <c>data.analysis</c>.</summary>
    public string? TaskType { get; init; }

    /// <summary>Names of this batch, task ids, or objects whose <c>task_id</c> is either.</summary>
    public IReadOnlyList<Dependency>? Dependencies { get; init; }

    /// <summary>What the agent works on.</summary>
    public JsonElement? Parameters { get; init; }
}

/// <summary>What became of a batch.</summary>
public sealed record BatchView
{
    /// <summary>Items that are stored, now or by an earlier request with the same tasks.</summary>
    public required int Accepted { get; init; }

    /// <summary>Items that are not.</summary>
    public required int Refused { get; init; }

    /// <summary>One per task, in the order of the request.</summary>
    public required IReadOnlyList<BatchItemView> Items { get; init; }
}

/// <summary>What became of one task of a batch.</summary>
public sealed record BatchItemView
{
    /// <summary>Its place in the request, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Its local name.</summary>
    public string? Name { get; init; }

    /// <summary>What a request of its own would have been answered: 202 accepted, 200 known already, 4xx refused.</summary>
    public required int Status { get; init; }

    /// <summary>Its id; absent when it was refused before it had one.</summary>
    public string? TaskId { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Where to go on.</summary>
    public TaskLinks? Links { get; init; }

    /// <summary>Why it was refused; pointers begin with <c>#/tasks/{index}</c>.</summary>
    public ProblemView? Problem { get; init; }
}

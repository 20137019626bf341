using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// <c>task.steps.wanted</c>: StateSync lacks steps of a task, or has not heard of it for long. The Scheduler says those that it has decided once more, as
/// they were and under the same ids; about the others it says nothing.
/// </summary>
[MessageUrn("a2a:task.steps.wanted", useDefaultPrefix: false), EntityName("task.steps.wanted")]
public sealed record StepsWanted
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Number of the first one that is wanted.</summary>
    public required long From { get; init; }

    /// <summary>Number of the last one; absent: all that there are.</summary>
    public long? To { get; init; }

    /// <summary>They were decided after this; absent: since there is the task.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>And before this.</summary>
    public required DateTimeOffset Until { get; init; }
}

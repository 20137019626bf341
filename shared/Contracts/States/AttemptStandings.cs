using A2A.Micro.Contracts.Tasks;
using MassTransit;

namespace A2A.Micro.Contracts.States;

/// <summary><c>state.attempts</c>: question to StateSync which attempt of each task is the current one; answered with <see cref="AttemptList"/>.</summary>
[MessageUrn("a2a:state.attempts", useDefaultPrefix: false), EntityName("state.attempts")]
public sealed record ListAttempts
{
    /// <summary>The tasks, at most 100; further ones are not looked at.</summary>
    public required IReadOnlyList<string> TaskIds { get; init; }
}

/// <summary>Answer to <see cref="ListAttempts"/>.</summary>
[MessageUrn("a2a:state.attempts.answer", useDefaultPrefix: false), EntityName("state.attempts.answer")]
public sealed record AttemptList
{
    /// <summary>The tasks that are known; it may lag behind the Scheduler, and never runs ahead of it.</summary>
    public required IReadOnlyList<TaskAttempt> Tasks { get; init; }
}

/// <summary>Where a task is.</summary>
public sealed record TaskAttempt
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Its state.</summary>
    public required TaskState State { get; init; }

    /// <summary>Its current attempt; 0 before the first.</summary>
    public required int Attempt { get; init; }
}

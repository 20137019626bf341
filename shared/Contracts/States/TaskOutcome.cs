using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using MassTransit;

namespace A2A.Micro.Contracts.States;

/// <summary>
/// What a task came to, for the one who asked for it and for nobody else (requirements 13 and 77): the <c>TaskResult</c> of the task guide with the
/// native words beside its own. Its exchange is <c>task.results</c>, direct, and the routing key is <c>requester_agent_id</c>; a requester binds a
/// queue of its own. At least once; <c>task_id</c> and <c>version</c> tell repeats.
/// </summary>
[MessageUrn("a2a:task.results", useDefaultPrefix: false), EntityName("task.results")]
public sealed record TaskOutcome
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>What kind of work it was.</summary>
    public required string TaskType { get; init; }

    /// <summary>How it ended: a terminal state.</summary>
    public required TaskState Status { get; init; }

    /// <summary>The same in the words of the task guide, which has three ends: <c>COMPLETED</c>, <c>FAILED</c>, <c>CANCELLED</c> (R17).</summary>
    public required string LegacyStatus { get; init; }

    /// <summary>What the work produced, with <c>completed</c>.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public TaskError? Error { get; init; }

    /// <summary>The sentence of <see cref="Error"/>, where the task guide looks for it.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Who did it, or had it last.</summary>
    public string? ExecutorAgentId { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>Figures of the agent about the execution.</summary>
    public JsonElement? ExecutionMetadata { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string RequesterAgentId { get; init; }

    /// <summary>The last attempt; 0 when none began.</summary>
    public required int Attempt { get; init; }

    /// <summary>Version of the document that says so.</summary>
    public required long Version { get; init; }

    /// <summary>The submission's context, as it was given.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>The outcome that a document holds; null while the task goes on, and when nobody is named who asked.</summary>
    public static TaskOutcome? Of(TaskDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return document is { RequesterAgentId: { } requester } && document.State.IsTerminal()
            ? new TaskOutcome
            {
                TaskId = document.TaskId,
                TaskType = document.TaskType,
                Status = document.State,
                LegacyStatus = Legacy(document.State),
                Result = document.Result,
                Error = document.Error,
                ErrorMessage = document.Error?.Message,
                ExecutorAgentId = document.AgentId,
                CompletedAt = document.EndedAt ?? document.UpdatedAt,
                ExecutionMetadata = document.ExecutionMetadata,
                RequesterAgentId = requester,
                Attempt = document.Attempt,
                Version = document.Version,
                Metadata = document.Metadata,
            }
            : null;
    }

    /// <summary>A terminal state in the words of the task guide.</summary>
    public static string Legacy(TaskState state) => state switch
    {
        TaskState.Completed => "COMPLETED",
        TaskState.Cancelled => "CANCELLED",
        _ => "FAILED",
    };

    /// <summary>The MessageId of a task's outcome, the same however often it is sent.</summary>
    public static Guid MessageIdOf(string taskId) => TaskKey.FromName($"task.results\n{taskId}");
}

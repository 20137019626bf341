using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway.Envelopes;

/// <summary>
/// How an attempt ended, from agents that speak the envelope instead of the bus, in the fields of the task guide's <c>TaskResult</c> (requirements 18,
/// 77, 89). The Scheduler judges again by attempt, so a result that comes twice or late changes nothing.
/// </summary>
public sealed class ResultReports(ReportSender sender, TimeProvider clock)
{
    private const int TextLengthMax = 2000;

    private static readonly string[] Members =
    [
        "task_id", "status", "result", "error", "error_message", "executor_agent_id", "completed_at", "execution_metadata", "attempt",
    ];

    /// <summary>Passes a result on, or says why not.</summary>
    public async Task<IResult> Take(JsonElement body, CancellationToken cancellation)
    {
        var errors = new List<FieldError>();
        var report = Read(body, clock.GetUtcNow(), errors);
        if (errors.Count > 0) { return Problems.Of(errors); }
        var (task, refusal) = await sender.Hear(report.TaskId, report.Attempt, report.ExecutorAgentId, cancellation).ConfigureAwait(false);
        if (task is null) { return refusal!; }
        var message = Message(
            report with { TaskId = Tenancy.In(report.TaskId), Attempt = task.Attempt }, task.State);
        await sender.Send(Endpoints.Tasks, message, cancellation).ConfigureAwait(false);
        return TypedResults.Json(
            new ResultReceipt { TaskId = report.TaskId, Attempt = task.Attempt, Status = report.Status, Code = report.Error?.Code },
            statusCode: StatusCodes.Status202Accepted);
    }

    /// <summary>A failure that is one of the guide's five reasons refuses an offer, as long as the task is on offer. Pure.</summary>
    public static object Message(ResultReport report, TaskState state)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (state == TaskState.Offered && report.Error is { } error && WireWord.TryParse<RejectionReason>(error.Code, out var reason))
        {
            return new TaskRejected
            {
                TaskId = report.TaskId,
                Attempt = report.Attempt!.Value,
                AgentId = report.ExecutorAgentId,
                Code = reason,
                Reason = error.Message,
            };
        }

        return new TaskResult
        {
            TaskId = report.TaskId,
            Attempt = report.Attempt!.Value,
            Status = report.Status,
            Result = report.Result,
            Error = report.Error,
            ExecutorAgentId = report.ExecutorAgentId,
            CompletedAt = report.CompletedAt,
            ExecutionMetadata = report.ExecutionMetadata,
        };
    }

    /// <summary>The error that a sentence of the guide stands for: one of its reasons, its deadline, or the handler's own words.</summary>
    public static TaskError ErrorOf(string? message)
    {
        var said = message?.Trim() ?? "";
        var code = said.Split([' ', ':'], 2)[0];
        var kind = WireWord.TryParse<RejectionReason>(code, out var reason) && reason != RejectionReason.Unknown ? ErrorKind.Of(reason)
            : said.Equals("Deadline exceeded", StringComparison.OrdinalIgnoreCase) || code == ErrorKind.DeadlineExceeded.Code ? ErrorKind.DeadlineExceeded
            : ErrorKind.HandlerFailed;
        return new TaskError { Code = kind.Code, Message = said.Length > 0 ? said : "the agent gave no reason", Retryable = kind.IsTransient };
    }

    private static ResultReport Read(JsonElement body, DateTimeOffset now, List<FieldError> errors)
    {
        var fields = new JsonFields(body, "#", errors, Members);
        var (taskId, status, agent) = (fields.Text("task_id"), fields.Word<TaskState>("status"), fields.Text("executor_agent_id"));
        if (!TaskRules.IsTaskId(taskId) && !Named("#/task_id")) { fields.Wrong("#/task_id", "required: a task id"); }
        if (status is not (TaskState.Completed or TaskState.Failed) && !Named("#/status")) { fields.Wrong("#/status", "required: completed or failed"); }
        if (!TaskRules.IsAgentId(agent) && !Named("#/executor_agent_id")) { fields.Wrong("#/executor_agent_id", "required: the agent that has the task"); }
        var message = fields.Text("error_message", TextLengthMax);
        return new ResultReport
        {
            TaskId = taskId ?? "",
            Status = status ?? TaskState.Unknown,
            Result = fields.Any("result"),
            Error = status == TaskState.Failed ? Error(fields, errors) ?? ErrorOf(message) : null,
            ExecutorAgentId = agent ?? "",
            CompletedAt = fields.Time("completed_at") ?? now,
            ExecutionMetadata = fields.Any("execution_metadata"),
            Attempt = fields.Whole("attempt"),
        };

        bool Named(string pointer) => errors.Any(error => error.Pointer == pointer);
    }

    private static TaskError? Error(JsonFields fields, List<FieldError> errors)
    {
        if (fields.Any("error") is not { } given) { return null; }
        var error = new JsonFields(given, "#/error", errors, "code", "message", "retryable", "details");
        var (code, message) = (error.Text("code"), error.Text("message", TextLengthMax));
        if (code is not { Length: > 0 and <= 64 }) { error.Wrong("#/error/code", "required: 1 to 64 characters"); }
        return new TaskError
        {
            Code = code ?? "",
            Message = message ?? "the agent gave no reason",
            Retryable = error.Any("retryable") is { ValueKind: JsonValueKind.True },
        };
    }
}

/// <summary>A result as it was read.</summary>
public sealed record ResultReport
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary><c>completed</c> or <c>failed</c>.</summary>
    public required TaskState Status { get; init; }

    /// <summary>What the work produced.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why it failed.</summary>
    public TaskError? Error { get; init; }

    /// <summary>Who did it.</summary>
    public required string ExecutorAgentId { get; init; }

    /// <summary>When the agent was done.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>Figures of the agent.</summary>
    public JsonElement? ExecutionMetadata { get; init; }

    /// <summary>The attempt; absent with an agent that knows of none.</summary>
    public int? Attempt { get; init; }
}

/// <summary>A result that was passed on.</summary>
public sealed record ResultReceipt
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>What was said.</summary>
    public required TaskState Status { get; init; }

    /// <summary>How a failure was understood.</summary>
    public string? Code { get; init; }
}

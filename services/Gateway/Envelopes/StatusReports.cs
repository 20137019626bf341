using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway.Envelopes;

/// <summary>
/// Reports of how far an attempt is, from agents that speak the envelope instead of the bus. Only the executor of the current attempt is heard
/// (R22); StateSync judges again by attempt, so a report that comes twice or late changes nothing.
/// </summary>
public sealed class StatusReports(ReportSender sender, TimeProvider clock)
{
    private const int TextLengthMax = 2000;

    /// <summary>Passes a report on, or says why not.</summary>
    public async Task<IResult> Take(JsonElement body, CancellationToken cancellation)
    {
        var errors = new List<FieldError>();
        var report = Read(body, clock.GetUtcNow(), errors);
        if (errors.Count > 0) { return Problems.Of(errors); }
        var (task, refusal) = await sender.Hear(report.TaskId, report.Attempt, report.ExecutorAgentId, cancellation).ConfigureAwait(false);
        if (task is null) { return refusal!; }
        report = report with { Attempt = task.Attempt };
        await sender.Send(Endpoints.Status, report with { TaskId = Tenancy.In(report.TaskId) }, cancellation).ConfigureAwait(false);
        return TypedResults.Json(
            new StatusReceipt { TaskId = report.TaskId, Attempt = report.Attempt!.Value, Progress = report.Progress },
            statusCode: StatusCodes.Status202Accepted);
    }

    private static TaskStatusUpdate Read(JsonElement body, DateTimeOffset now, List<FieldError> errors)
    {
        var fields = new JsonFields(body, "#", errors, "task_id", "status", "progress", "metrics", "timestamp", "attempt", "executor_agent_id",
            "progress_message");
        var (taskId, status, progress) = (fields.Text("task_id"), fields.Word<TaskState>("status"), fields.Number("progress"));
        if (!TaskRules.IsTaskId(taskId) && !Named("#/task_id")) { fields.Wrong("#/task_id", "required: a task id"); }
        if (status is null && !Named("#/status")) { fields.Wrong("#/status", "required: running"); }
        if (progress is not (>= 0 and <= 1) && !Named("#/progress")) { fields.Wrong("#/progress", "required: 0 to 1"); }
        if (fields.Any("metrics") is { ValueKind: not JsonValueKind.Object }) { fields.Wrong("#/metrics", "an object is expected"); }
        return new TaskStatusUpdate
        {
            TaskId = taskId ?? "",
            Status = status ?? TaskState.Unknown,
            Progress = progress ?? 0,
            Metrics = fields.Any("metrics"),
            Timestamp = fields.Time("timestamp") ?? now,
            Attempt = fields.Whole("attempt"),
            ExecutorAgentId = fields.Text("executor_agent_id"),
            ProgressMessage = fields.Text("progress_message", TextLengthMax),
        };

        bool Named(string pointer) => errors.Any(error => error.Pointer == pointer);
    }
}

/// <summary>A report that was passed on.</summary>
public sealed record StatusReceipt
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>How far, 0..1.</summary>
    public required double Progress { get; init; }
}

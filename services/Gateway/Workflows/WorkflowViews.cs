using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;

namespace A2A.Micro.Gateway.Workflows;

/// <summary>Work in stages, each done by the agent for its kind of work. Read by <see cref="WorkflowReader"/>.</summary>
public sealed record SubmitWorkflowRequest
{
    /// <summary>1..100 characters of <c>[A-Za-z0-9._:~-]</c>, unique for ever; absent: the server makes one.</summary>
    public string? WorkflowId { get; init; }

    /// <summary><c>pipeline</c> (default).</summary>
    public string? Kind { get; init; }

    /// <summary>What a person calls it, at most 200 characters.</summary>
    public string? Name { get; init; }

    /// <summary>1 to 100 stages; each begins when the one before has completed.</summary>
    public required IReadOnlyList<StageRequest> Stages { get; init; }

    /// <summary>For every stage that says nothing else; so are deadline, metadata and requester_agent_id.</summary>
    public JsonElement? Priority { get; init; }

    /// <summary>RFC 3339 time by which the whole must be finished.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Context of the submitter; the system adds <c>a2a.workflow_id</c> and <c>a2a.stage</c>.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Who asks.</summary>
    public string? RequesterAgentId { get; init; }
}

/// <summary>
/// One stage: a submission without id and dependencies. Beside these members it may have priority, deadline, timeout_s, not_before, requirements,
/// metadata, requester_agent_id, responder_agent_id, mode, retry, constraints, preferences, strategy, on_infeasible and preemptible.
/// </summary>
public sealed record StageRequest
{
    /// <summary>1..64 characters of <c>[A-Za-z0-9._-]</c>, unique within the workflow; absent: <c>stage-1</c> and so on.</summary>
    public string? Name { get; init; }

    /// <summary>Dotted name such as <c>data.analysis</c>.</summary>
    public required string TaskType { get; init; }

    /// <summary>What the agent works on, beside what the stage before hands over.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>
    /// JSON pointer into the result of the stage before to JSON pointer into the parameters. Absent: the whole result becomes the
    /// parameter <c>input</c>; <c>{}</c>: nothing is handed over.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Map { get; init; }

    /// <summary>What undoes it when a later stage does not succeed; it gets this stage's result.</summary>
    public CompensationRequest? Compensate { get; init; }
}

/// <summary>
/// The task that undoes a completed stage. Beside these members it may have priority, timeout_s, requirements, metadata, requester_agent_id,
/// responder_agent_id, retry, constraints, preferences, strategy and on_infeasible.
/// </summary>
public sealed record CompensationRequest
{
    /// <summary>Dotted name such as <c>data.remove</c>.</summary>
    public required string TaskType { get; init; }

    /// <summary>What the agent works on, beside what the stage came to.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>JSON pointer into the result of the stage to JSON pointer into the parameters; as the <c>map</c> of a stage.</summary>
    public IReadOnlyDictionary<string, string>? Map { get; init; }
}

/// <summary>A workflow as callers see it.</summary>
public sealed record WorkflowView
{
    /// <summary>The workflow.</summary>
    public required string WorkflowId { get; init; }

    /// <summary>Always <c>pipeline</c>.</summary>
    public string Kind { get; init; } = "pipeline";

    /// <summary>What a person calls it.</summary>
    public string? Name { get; init; }

    /// <summary>How it stands, in the words of a task; <c>running</c> from the end of the first stage on.</summary>
    public required TaskState State { get; init; }

    /// <summary>0..1; every stage counts the same.</summary>
    public required double Progress { get; init; }

    /// <summary>The first stage that has not completed; absent when all have.</summary>
    public string? CurrentStage { get; init; }

    /// <summary>True when a state could not be read and the workflow may be further than this says.</summary>
    public bool? Stale { get; init; }

    /// <summary>The result of the last stage, once it has completed.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why it did not succeed: the error of the stage that ended it.</summary>
    public TaskError? Error { get; init; }

    /// <summary>The workflow that this one goes on with.</summary>
    public string? ReplayOf { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its last stage ended, in whatever way.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The stages in their order.</summary>
    public required IReadOnlyList<StageView> Stages { get; init; }

    /// <summary>Where to go on.</summary>
    public required WorkflowLinks Links { get; init; }

    /// <summary>The view of a workflow whose stages stand like this.</summary>
    public static WorkflowView Of(WorkflowRow row, WorkflowRecord record, IReadOnlyList<Reading> readings)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(record);
        TaskDocument[] all = [.. readings.Select(reading => reading.Document)];
        TaskDocument[] stages = all[..record.Stages.Count];
        var undoing = (record.Compensations ?? []).Zip(all.Skip(stages.Length))
            .ToDictionary(one => one.First.Name, one => CompensationView.Of(one.First, one.Second), StringComparer.Ordinal);
        var current = WorkflowRules.Current(stages);
        return new WorkflowView
        {
            WorkflowId = row.WorkflowId,
            Name = record.Name,
            State = WorkflowRules.StateOf(stages),
            Progress = WorkflowRules.ProgressOf(stages),
            CurrentStage = current is { } at ? record.Stages[at].Name : null,
            Stale = readings.Any(reading => reading.Stale) ? true : null,
            Result = current is null ? Security.Encryption.SealedFields.Redact(stages[^1].Result) : null,
            Error = current is { } failed ? stages[failed].Error : null,
            ReplayOf = record.ReplayOf,
            CreatedAt = row.CreatedAt,
            EndedAt = WorkflowRules.EndedAt(all),
            Stages = [.. record.Stages.Zip(stages, (stage, document) =>
                StageView.Of(stage, document) with { Compensation = undoing.GetValueOrDefault(stage.Name) })],
            Links = new WorkflowLinks
            {
                Self = "/v1/workflows/" + row.WorkflowId,
                Cancel = $"/v1/workflows/{row.WorkflowId}/cancel",
                Resume = $"/v1/workflows/{row.WorkflowId}/resume",
            },
        };
    }
}

/// <summary>One stage as callers see it; everything else about it is in its task.</summary>
public sealed record StageView
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The task that does it.</summary>
    public required string TaskId { get; init; }

    /// <summary>What kind of work it is.</summary>
    public required string TaskType { get; init; }

    /// <summary>Where it is.</summary>
    public required TaskState State { get; init; }

    /// <summary>0..1 of the current attempt.</summary>
    public required double Progress { get; init; }

    /// <summary>The agent of the current attempt.</summary>
    public string? AgentId { get; init; }

    /// <summary>When an agent began with it.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public TaskError? Error { get; init; }

    /// <summary>The task.</summary>
    public required string Link { get; init; }

    /// <summary>What undoes it, where something does.</summary>
    public CompensationView? Compensation { get; init; }

    /// <summary>The view of a stage that stands like this.</summary>
    public static StageView Of(StageRecord stage, TaskDocument document)
    {
        ArgumentNullException.ThrowIfNull(stage);
        ArgumentNullException.ThrowIfNull(document);
        return new StageView
        {
            Name = stage.Name,
            TaskId = stage.TaskId,
            TaskType = stage.TaskType,
            State = document.State,
            Progress = document.Progress,
            AgentId = document.AgentId,
            StartedAt = document.StartedAt,
            EndedAt = document.EndedAt,
            Error = document.Error,
            Link = "/v1/tasks/" + stage.TaskId,
        };
    }
}

/// <summary>The task that undoes a stage: <c>cancelled</c> when there was nothing to undo.</summary>
public sealed record CompensationView
{
    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Where it is.</summary>
    public required TaskState State { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public TaskError? Error { get; init; }

    /// <summary>The view of a compensation that stands like this.</summary>
    public static CompensationView Of(StageRecord stage, TaskDocument document)
    {
        ArgumentNullException.ThrowIfNull(stage);
        ArgumentNullException.ThrowIfNull(document);
        return new CompensationView { TaskId = stage.TaskId, State = document.State, Error = document.Error };
    }
}

/// <summary>Addresses of a workflow, relative to this server.</summary>
public sealed record WorkflowLinks
{
    /// <summary>The workflow.</summary>
    public required string Self { get; init; }

    /// <summary>POST here to cancel what has not ended.</summary>
    public required string Cancel { get; init; }

    /// <summary>POST here to go on from the stage that ended it.</summary>
    public required string Resume { get; init; }
}

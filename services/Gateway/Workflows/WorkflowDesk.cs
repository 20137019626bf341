using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Batches;
using A2A.Micro.Gateway.Tasks;

namespace A2A.Micro.Gateway.Workflows;

/// <summary>Judges workflows, takes them in, reads them and goes on with them. A workflow is a batch that is remembered.</summary>
public sealed class WorkflowDesk(
    SubmissionIntake intake, Submissions submissions, StateReader states, Refusals refusals, GatewayMetrics metrics, TimeProvider clock)
{
    /// <summary>The workflow with its tasks, ready to be stored; null when something is wrong, which goes to the errors.</summary>
    internal async Task<(WorkflowRow Row, IReadOnlyList<(SubmitTask Task, byte[] Hash)> Tasks)?> Judge(
        JsonElement body, string workflowId, byte[] hash, DateTimeOffset now, List<FieldError> errors, CancellationToken cancellation)
    {
        var stages = WorkflowReader.Read(body, workflowId, errors);
        if (errors.Count > 0) { return null; }
        stages = [.. stages, .. Compensations.Read(body, workflowId, errors)];
        if (errors.Count > 0) { return null; }
        var items = await intake.Read(stages, i => WorkflowRules.TaskIdOf(workflowId, i), now, cancellation).ConfigureAwait(false);
        foreach (var item in items) { refusals.Note(item.Refused); }
        errors.AddRange(BatchItem.Mistakes(items).Select(error => WorkflowReader.Place(error, body)).Distinct());
        if (errors.Count > 0) { return null; }
        var given = body.GetProperty("stages");
        var (count, undone) = (given.GetArrayLength(), Compensations.Stages(body));
        int StageOf(BatchItem item) => item.Index < count ? item.Index : undone[item.Index - count];
        StageRecord Record(BatchItem item) => new()
        {
            Name = WorkflowReader.NameOf(given[StageOf(item)], StageOf(item)),
            TaskId = item.TaskId,
            TaskType = item.Task!.TaskType,
        };
        var record = new WorkflowRecord
        {
            Name = body.TryGetProperty("name", out var name) ? name.GetString() : null,
            Stages = [.. items.Take(count).Select(Record)],
            Compensations = undone.Count > 0 ? [.. items.Skip(count).Select(Record)] : null,
        };
        return (New(workflowId, hash, record, now), [.. items.Select(item => (item.Index < count
            ? WorkflowReader.AsStage(item.Task!, workflowId, Record(item).Name)
            : WorkflowReader.AsCompensation(item.Task!, workflowId, Record(item).Name), HashOf(hash, item.Index)))]);
    }

    /// <summary>Stores the workflow with its tasks, all or nothing, and sends them on their way.</summary>
    public async Task<BatchAcceptance> Take(
        WorkflowRow row, IReadOnlyList<(SubmitTask Task, byte[] Hash)> tasks, string? key, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(tasks);
        var answer = await submissions.AcceptBatch(tasks, key, row.BodyHash, atomic: true, cancellation, row).ConfigureAwait(false);
        foreach (var (outcome, task) in answer.Items.Zip(tasks)) { metrics.Count(outcome, task.Task.TaskType); }
        return answer;
    }

    /// <summary>The workflow with its tasks; null when there is none of this id.</summary>
    public async Task<(WorkflowRow Row, WorkflowRecord Record)?> Find(string workflowId, CancellationToken cancellation) =>
        TaskRules.IsTaskId(workflowId) && await submissions.FindWorkflow(workflowId, cancellation).ConfigureAwait(false) is { } row
            ? (row, RecordOf(row))
            : null;

    /// <summary>How it stands; null when what is known about its tasks is not kept any more.</summary>
    public async Task<WorkflowView?> View(WorkflowRow row, CancellationToken cancellation)
    {
        var record = RecordOf(row);
        var readings = await Task.WhenAll(record.Stages.Concat(record.Compensations ?? [])
            .Select(stage => states.Find(stage.TaskId, cancellation))).ConfigureAwait(false);
        return readings.Any(reading => reading is null) ? null : WorkflowView.Of(row, record, readings!);
    }

    /// <summary>The same once it has ended, or when the time is over.</summary>
    public async Task<WorkflowView?> ViewOfEnd(WorkflowRow row, TimeSpan wait, CancellationToken cancellation)
    {
        // The last stage ends with the first that fails: nothing that waits for it can begin any more. What undoes the first stage is the last to go.
        var record = RecordOf(row);
        _ = await states.WaitUntilTerminal((record.Compensations?[0] ?? record.Stages[^1]).TaskId, wait, cancellation).ConfigureAwait(false);
        return await View(row, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// The workflow that goes on from a stage with what the one before it came to, and the tasks that it needs. Made from the ids alone, so
    /// that it is the same whoever asks for it and however often.
    /// </summary>
    public async Task<(WorkflowRow Row, IReadOnlyList<(SubmitTask Task, byte[] Hash)> Tasks)> Continuation(
        WorkflowRow row, int stage, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(row);
        var (record, id, now) = (RecordOf(row), WorkflowRules.NextId(row.WorkflowId), SubmitEndpoint.Milliseconds(clock.GetUtcNow()));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"resume\n{row.WorkflowId}\n{stage}"));
        var stages = record.Stages.Select((one, i) => i < stage ? one : one with { TaskId = WorkflowRules.TaskIdOf(id, i) }).ToList();
        var tasks = new List<(SubmitTask, byte[])>();
        for (var i = stage; i < stages.Count; i++)
        {
            var before = await submissions.Find(record.Stages[i].TaskId, cancellation).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"{record.Stages[i].TaskId} was stored with its workflow and is gone");
            var task = JsonSerializer.Deserialize<SubmitTask>(before.Task, WireJson.Options)!.WithIds(TenantNames.Outside);
            tasks.Add((WorkflowReader.AsStage(task with
            {
                TaskId = stages[i].TaskId,
                Dependencies = i == 0 ? [] : [task.Dependencies[0] with { TaskId = stages[i - 1].TaskId }],
                // The same time to do it in.
                Deadline = task.Deadline is { } deadline ? now + (deadline - before.CreatedAt) : null,
                ReplayOf = task.TaskId,
                CreatedAt = now,
            }, id, stages[i].Name), HashOf(hash, i)));
        }

        return (New(id, hash, record with { ReplayOf = row.WorkflowId, Stages = stages }, now), tasks);
    }

    private static WorkflowRow New(string workflowId, byte[] hash, WorkflowRecord record, DateTimeOffset now) => new()
    {
        WorkflowId = workflowId,
        BodyHash = hash,
        Record = JsonSerializer.Serialize(record, WireJson.Options),
        CreatedAt = now,
    };

    // A task of this id with this fingerprint can only come from the same workflow.
    private static byte[] HashOf(byte[] workflow, int stage) => SHA256.HashData([.. workflow, .. BitConverter.GetBytes(stage)]);

    private static WorkflowRecord RecordOf(WorkflowRow row) => JsonSerializer.Deserialize<WorkflowRecord>(row.Record, WireJson.Options)!;
}

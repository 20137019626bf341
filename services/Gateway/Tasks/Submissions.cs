using System.Diagnostics;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Gateway.Batches;
using A2A.Micro.Gateway.Events;
using A2A.Micro.Gateway.Limits;
using A2A.Micro.Gateway.Workflows;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Security.Identity;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// The promise behind 202 (G1, G2): a task that was accepted here is stored together with the command that starts it. Nothing is
/// published before the commit, and everything is sent after it, also when the broker is away for an hour.
/// </summary>
public sealed class Submissions(
    ISubmissionStore store, IOutbox<GatewayDb> outbox, Sealing sealing, Endings endings, OpenTasks open, TimeProvider clock,
    IOptions<GatewayOptions> options)
{
    /// <summary>Accepts the task, or says who was here before.</summary>
    /// <exception cref="ProtocolException">Too much accepted work waits for the broker, or the database does not answer in time.</exception>
    public async Task<Acceptance> Accept(SubmitTask task, byte[] bodyHash, string? idempotencyKey, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(task);
        RefuseOverload();
        var tenant = Caller.Current.Tenant;
        if (!open.TryTake(tenant, 1)) { return await Earlier(task, bodyHash, cancellation).ConfigureAwait(false) ?? throw open.Refusal(tenant, 1); }
        // Before it is accepted: it may have ended before this returns.
        var inside = Tenancy.In(task.TaskId);
        endings.Await(inside);
        Acceptance? acceptance = null;
        try
        {
            acceptance = await InTime(
                limit => store.Accept(Submission(task, bodyHash) with { IdempotencyKey = Tenancy.Key(idempotencyKey) }, limit), cancellation)
                .ConfigureAwait(false);
            return acceptance.Outside();
        }
        finally
        {
            if (acceptance is not Acceptance.Taken)
            {
                endings.Forget(inside);
                open.GiveBack(tenant, 1);
            }
        }
    }

    /// <summary>Accepts many tasks in one transaction, or says which were here before.</summary>
    /// <param name="tasks">Tasks with their fingerprints; dependencies first, every id once.</param>
    /// <param name="key">The caller's key for the whole.</param>
    /// <param name="bodyHash">The fingerprint of the whole.</param>
    /// <param name="atomic">All or none.</param>
    /// <param name="cancellation">The caller leaves.</param>
    /// <param name="workflow">The workflow that they make up.</param>
    /// <exception cref="ProtocolException">Too much accepted work waits for the broker, or the database does not answer in time.</exception>
    public async Task<BatchAcceptance> AcceptBatch(
        IReadOnlyList<(SubmitTask Task, byte[] Hash)> tasks, string? key, byte[] bodyHash, bool atomic, CancellationToken cancellation,
        WorkflowRow? workflow = null)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        RefuseOverload();
        var batch = new NewBatch([.. tasks.Select(one => Submission(one.Task, one.Hash))], Tenancy.Key(key), bodyHash, atomic)
        {
            Workflow = workflow?.Named(Tenancy.In(workflow.WorkflowId)),
        };
        var (tenant, taken) = (Caller.Current.Tenant, 0);
        if (!open.TryTake(tenant, tasks.Count)) { throw open.Refusal(tenant, tasks.Count); }
        try
        {
            var answer = await Out(InTime(limit => store.AcceptBatch(batch, limit), cancellation)).ConfigureAwait(false);
            taken = answer.Withdrawn ? 0 : answer.Items.Count(item => item is Acceptance.Taken);
            return answer;
        }
        finally
        {
            open.GiveBack(tenant, tasks.Count - taken);
        }
    }

    /// <summary>What was accepted under this id; null when nothing was.</summary>
    public async Task<SubmissionRow?> Find(string taskId, CancellationToken cancellation) =>
        (await Read(limit => store.Find(Tenancy.In(taskId), limit), cancellation).ConfigureAwait(false))?.Outside();

    /// <summary>The workflow that was accepted under this id; null when none was.</summary>
    public async Task<WorkflowRow?> FindWorkflow(string workflowId, CancellationToken cancellation) =>
        (await Read(limit => store.FindWorkflow(Tenancy.In(workflowId), limit), cancellation).ConfigureAwait(false))?.Named(workflowId);

    /// <summary>Accepted workflows, the newest first, after a place.</summary>
    public async Task<IReadOnlyList<WorkflowRow>> ListWorkflows(
        (DateTimeOffset CreatedAt, string WorkflowId)? after, int limit, CancellationToken cancellation)
    {
        (DateTimeOffset, string)? place = after is var (at, id) ? (at, Tenancy.In(id)) : null;
        var rows = await Read(token => store.ListWorkflows(Caller.Current.Tenant, place, limit, token), cancellation).ConfigureAwait(false);
        return [.. rows.Select(row => row.Named(TenantNames.Outside(row.WorkflowId)))];
    }

    private async Task<T> Read<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Value.ReadTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await read(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new ProtocolException(ErrorKind.Connection, "The database did not answer in time; try again.");
        }
    }

    private void RefuseOverload()
    {
        if (outbox.Pending > options.Value.BacklogMax)
        {
            throw new ProtocolException(ErrorKind.RateLimited,
                $"More than {options.Value.BacklogMax} accepted tasks wait to be sent on; try again later.");
        }
    }

    // What was accepted once stays accepted, though its tenant has no room for more by now.
    private async Task<Acceptance?> Earlier(SubmitTask task, byte[] bodyHash, CancellationToken cancellation) =>
        await Find(task.TaskId, cancellation).ConfigureAwait(false) is { } known && known.BodyHash.AsSpan().SequenceEqual(bodyHash)
            ? new Acceptance.Repeated(known)
            : null;

    private static async Task<BatchAcceptance> Out(Task<BatchAcceptance> accepted)
    {
        var answer = await accepted.ConfigureAwait(false);
        return answer with { Items = [.. answer.Items.Select(item => item.Outside())] };
    }

    private NewSubmission Submission(SubmitTask given, byte[] bodyHash)
    {
        // Sealed under the inside id: the agent that opens it knows no other.
        var (task, payload) = Payloads.Payloads.Claim(sealing.Seal(Tenancy.In(given)), clock.GetUtcNow());
        var row = new SubmissionRow
        {
            TaskId = task.TaskId,
            BodyHash = bodyHash,
            Task = JsonSerializer.Serialize(task, WireJson.Options),
            CreatedAt = task.CreatedAt ?? clock.GetUtcNow(),
            TraceParent = Activity.Current?.Id,
        };
        return new NewSubmission(row, null, Outgoing.Command(Endpoints.Tasks, task, clock)) { Payload = payload };
    }

    private async Task<T> InTime<T>(Func<CancellationToken, Task<T>> commit, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Value.CommitTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await commit(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // It may still be committed. Whoever sends the same id or key again learns what became of it.
            throw new ProtocolException(ErrorKind.Connection,
                "The database did not answer in time; send the same request again: the same task_id or Idempotency-Key is never run twice.");
        }
    }
}

using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Batches;
using A2A.Micro.Gateway.Payloads;
using A2A.Micro.Gateway.Workflows;
using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>Submissions inside the process; lost when it ends.</summary>
public sealed class InMemorySubmissionStore(IOutbox<GatewayDb> outbox, IPayloadStore payloads, TimeProvider clock) : ISubmissionStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SubmissionRow> _submissions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WorkflowRow> _workflows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IdempotencyKeyRow> _keys = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public async Task<Acceptance> Accept(NewSubmission submission, CancellationToken cancellation)
    {
        var acceptance = Decide(submission);
        if (acceptance is Acceptance.Taken)
        {
            // Stored is promised: from here on the caller's leaving must not stop the command.
            await Keep([submission]).ConfigureAwait(false);
            await outbox.Committed([submission.Command], CancellationToken.None).ConfigureAwait(false);
        }

        return acceptance;
    }

    /// <inheritdoc />
    public async Task<BatchAcceptance> AcceptBatch(NewBatch batch, CancellationToken cancellation)
    {
        var (acceptance, commands) = Decide(batch);
        await Keep(batch.Submissions.Where((_, i) => commands.Count > 0 && acceptance.Items[i] is Acceptance.Taken)).ConfigureAwait(false);
        if (commands.Count > 0) { await outbox.Committed(commands, CancellationToken.None).ConfigureAwait(false); }
        return acceptance;
    }

    /// <inheritdoc />
    public Task<SubmissionRow?> Find(string taskId, CancellationToken cancellation)
    {
        lock (_gate) { return Task.FromResult(_submissions.GetValueOrDefault(taskId)); }
    }

    /// <inheritdoc />
    public Task<WorkflowRow?> FindWorkflow(string workflowId, CancellationToken cancellation)
    {
        lock (_gate) { return Task.FromResult(_workflows.GetValueOrDefault(workflowId)); }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<WorkflowRow>> ListWorkflows(
        string tenant, (DateTimeOffset CreatedAt, string WorkflowId)? after, int limit, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<WorkflowRow>>(
            [
                .. _workflows.Values.Where(row => TenantNames.TenantOf(row.WorkflowId) == tenant)
                    .Where(row => after is not var (at, id) || row.CreatedAt < at
                        || (row.CreatedAt == at && string.CompareOrdinal(row.WorkflowId, id) > 0))
                    .OrderByDescending(row => row.CreatedAt).ThenBy(row => row.WorkflowId, StringComparer.Ordinal)
                    .Take(limit),
            ]);
        }
    }

    /// <inheritdoc />
    public Task<int> PurgeKeys(int limit, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var old = _keys.Values.Where(key => !IsAlive(key)).Take(limit).ToList();
            foreach (var key in old) { _ = _keys.Remove(key.Key); }
            return Task.FromResult(old.Count);
        }
    }

    /// <inheritdoc />
    public Task<int> PurgeSubmissions(TimeSpan age, int limit, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var horizon = clock.GetUtcNow() - age;
            var old = _submissions.Values.Where(row => row.CreatedAt < horizon).Take(limit).ToList();
            foreach (var row in old) { _ = _submissions.Remove(row.TaskId); }
            return Task.FromResult(old.Count);
        }
    }

    private async Task Keep(IEnumerable<NewSubmission> taken)
    {
        foreach (var (payload, taskId) in taken.Where(one => one.Payload is not null).Select(one => (one.Payload!, one.Row.TaskId)))
        {
            for (var i = 0; i < payload.Parts.Count; i++)
            {
                _ = await payloads.Put(new PayloadPart(payload.Reference, taskId, i + 1, payload.Parts[i]), CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private (BatchAcceptance Acceptance, IReadOnlyList<Outgoing> Commands) Decide(NewBatch batch)
    {
        lock (_gate)
        {
            var known = batch.Key is { } key && _keys.TryGetValue(key, out var row) && IsAlive(row) ? row : null;
            if (known is not null && !known.BodyHash.AsSpan().SequenceEqual(batch.BodyHash)) { return (BatchAcceptance.Reused, []); }
            if (batch.Atomic && batch.Submissions.Any(IsTaken))
            {
                return (new BatchAcceptance
                {
                    Withdrawn = true,
                    Items = [.. batch.Submissions.Select(one =>
                        IsTaken(one) ? new Acceptance.Conflicts(one.Row.TaskId) : (Acceptance)new Acceptance.Taken(one.Row))],
                }, []);
            }

            if (known is null && batch.KeyClaim is { } claim) { Remember(claim); }
            if (batch.Workflow is { } workflow) { _ = _workflows.TryAdd(workflow.WorkflowId, workflow); }
            var items = batch.Submissions.Select(Decide).ToList();
            return (new BatchAcceptance { Items = items, Replayed = known is not null },
                [.. batch.Submissions.Where((_, i) => items[i] is Acceptance.Taken).Select(one => one.Command)]);
        }
    }

    private bool IsTaken(NewSubmission submission) =>
        _submissions.TryGetValue(submission.Row.TaskId, out var first) && !first.BodyHash.AsSpan().SequenceEqual(submission.Row.BodyHash);

    private void Remember(NewSubmission claim) => _keys[claim.IdempotencyKey!] = new IdempotencyKeyRow
    {
        Key = claim.IdempotencyKey!,
        BodyHash = claim.Row.BodyHash,
        TaskId = claim.Row.TaskId,
        CreatedAt = clock.GetUtcNow(),
    };

    private Acceptance Decide(NewSubmission submission)
    {
        var row = submission.Row;
        lock (_gate)
        {
            if (submission.IdempotencyKey is { } used && _keys.TryGetValue(used, out var known) && IsAlive(known))
            {
                return known.BodyHash.AsSpan().SequenceEqual(row.BodyHash)
                    ? new Acceptance.Replayed(_submissions[known.TaskId])
                    : new Acceptance.KeyReused(used);
            }

            if (_submissions.TryGetValue(row.TaskId, out var first) && !first.BodyHash.AsSpan().SequenceEqual(row.BodyHash))
            {
                return new Acceptance.Conflicts(row.TaskId);
            }

            if (submission.IdempotencyKey is not null) { Remember(submission); }
            if (first is not null) { return new Acceptance.Repeated(first); }
            _submissions.Add(row.TaskId, row);
            return new Acceptance.Taken(row);
        }
    }

    private bool IsAlive(IdempotencyKeyRow key) => clock.GetUtcNow() - key.CreatedAt < IdempotencyKeyRow.Lifetime;
}

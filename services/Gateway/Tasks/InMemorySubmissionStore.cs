using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>Submissions inside the process; lost when it ends.</summary>
public sealed class InMemorySubmissionStore(IOutbox<GatewayDb> outbox, TimeProvider clock) : ISubmissionStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SubmissionRow> _submissions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IdempotencyKeyRow> _keys = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public async Task<Acceptance> Accept(NewSubmission submission, CancellationToken cancellation)
    {
        var acceptance = Decide(submission);
        if (acceptance is Acceptance.Taken)
        {
            // Stored is promised: from here on the caller's leaving must not stop the command.
            await outbox.Committed([submission.Command], CancellationToken.None).ConfigureAwait(false);
        }

        return acceptance;
    }

    /// <inheritdoc />
    public Task<SubmissionRow?> Find(string taskId, CancellationToken cancellation)
    {
        lock (_gate) { return Task.FromResult(_submissions.GetValueOrDefault(taskId)); }
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

            if (submission.IdempotencyKey is { } key)
            {
                _keys[key] = new IdempotencyKeyRow
                {
                    Key = key,
                    BodyHash = row.BodyHash,
                    TaskId = row.TaskId,
                    CreatedAt = clock.GetUtcNow(),
                };
            }

            if (first is not null) { return new Acceptance.Repeated(first); }
            _submissions.Add(row.TaskId, row);
            return new Acceptance.Taken(row);
        }
    }

    private bool IsAlive(IdempotencyKeyRow key) => clock.GetUtcNow() - key.CreatedAt < IdempotencyKeyRow.Lifetime;
}

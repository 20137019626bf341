using A2A.Micro.Gateway.Batches;
using A2A.Micro.Gateway.Payloads;
using A2A.Micro.Gateway.Workflows;
using A2A.Micro.Persistence;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Security;
using Npgsql;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Submissions in PostgreSQL. Whatever is in flight at the same time is one transaction: keys first, then submissions, each in the
/// order of its name, so that two gateways never wait for each other in a circle; then the commands of those that were new.
/// </summary>
public sealed class PostgresSubmissionStore : ISubmissionStore, IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly IOutbox<GatewayDb> _outbox;
    private readonly GroupCommit<NewSubmission, Acceptance> _commit;

    /// <summary>A store on this database.</summary>
    public PostgresSubmissionStore(NpgsqlDataSource database, IOutbox<GatewayDb> outbox)
    {
        (_database, _outbox) = (database, outbox);
        _commit = new GroupCommit<NewSubmission, Acceptance>(Commit);
    }

    /// <inheritdoc />
    public Task<Acceptance> Accept(NewSubmission submission, CancellationToken cancellation) => _commit.Run(submission, cancellation);

    /// <inheritdoc />
    public async Task<BatchAcceptance> AcceptBatch(NewBatch batch, CancellationToken cancellation)
    {
        var (items, answers, commands) = (batch.Submissions, new Acceptance[batch.Submissions.Count], new List<Outgoing>());
        await using var connection = await _database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        var replayed = false;
        if (batch.KeyClaim is { } claim)
        {
            var claims = await SubmissionSql.ClaimKeys(connection, [claim], cancellation).ConfigureAwait(false);
            replayed = claims.Known.TryGetValue(batch.Key!, out var known);
            if (replayed && !known.BodyHash.AsSpan().SequenceEqual(batch.BodyHash)) { return BatchAcceptance.Reused; }
        }

        await RunRound(connection, items, [.. Enumerable.Range(0, items.Count)], answers, commands, cancellation).ConfigureAwait(false);
        // Leaving without a commit takes everything back, the key as well.
        if (batch.Atomic && answers.Any(answer => answer is Acceptance.Conflicts)) { return new BatchAcceptance { Items = answers, Withdrawn = true }; }
        if (batch.Workflow is { } workflow) { await WorkflowSql.Insert(connection, workflow, cancellation).ConfigureAwait(false); }
        if (commands.Count > 0) { await Insert(connection, commands, cancellation).ConfigureAwait(false); }
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        await _outbox.Committed(commands, CancellationToken.None).ConfigureAwait(false);
        return new BatchAcceptance { Items = answers, Replayed = replayed };
    }

    /// <inheritdoc />
    public async Task<SubmissionRow?> Find(string taskId, CancellationToken cancellation)
    {
        await using var batch = _database.Behind(
            GatewayDb.SchemaName, new NpgsqlBatchCommand(SubmissionSql.Find) { Parameters = { new NpgsqlParameter<string> { TypedValue = taskId } } });
        await using var reader = await batch.Read(cancellation).ConfigureAwait(false);
        return await reader.ReadAsync(cancellation).ConfigureAwait(false) ? SubmissionSql.ReadRow(reader) : null;
    }

    /// <inheritdoc />
    public Task<WorkflowRow?> FindWorkflow(string workflowId, CancellationToken cancellation) =>
        WorkflowSql.Find(_database, workflowId, cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyList<WorkflowRow>> ListWorkflows(
        string tenant, (DateTimeOffset CreatedAt, string WorkflowId)? after, int limit, CancellationToken cancellation) =>
        WorkflowSql.List(_database, tenant, after, limit, cancellation);

    /// <inheritdoc />
    public async Task<int> PurgeKeys(int limit, CancellationToken cancellation)
    {
        await using var command = _database.CreateCommand(SubmissionSql.PurgeKeys);
        _ = command.Parameters.AddWithValue(limit);
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<int> PurgeSubmissions(TimeSpan age, int limit, CancellationToken cancellation)
    {
        await using var command = _database.CreateCommand(SubmissionSql.PurgeSubmissions);
        _ = command.Parameters.AddWithValue(age);
        _ = command.Parameters.AddWithValue(limit);
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _commit.DisposeAsync();

    private async Task<IReadOnlyList<Acceptance>> Commit(IReadOnlyList<NewSubmission> items, CancellationToken cancellation) =>
        await TakeAsNew(items, cancellation).ConfigureAwait(false) ?? await Judge(items, cancellation).ConfigureAwait(false);

    // Nearly every submission is new, small, and has no key: then nothing has to be read, and all is one round trip. Null: one of them is not, and nothing
    // was written.
    private async Task<IReadOnlyList<Acceptance>?> TakeAsNew(IReadOnlyList<NewSubmission> items, CancellationToken cancellation)
    {
        if (items.Any(item => item.IdempotencyKey is not null || item.Payload is not null) || SubmissionRounds.Of(items).Count > 1) { return null; }
        Outgoing[] commands = [.. items.Select(item => item.Command)];
        await using var batch = _database.CreateBatch();
        batch.BatchCommands.Add(SubmissionSql.InsertAll(items));
        batch.BatchCommands.Add(_outbox.Insert(commands));
        Failpoints.Hit("submission.before-commit");
        try
        {
            _ = await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return null;
        }

        Failpoints.Hit("submission.after-commit");
        await _outbox.Committed(commands, CancellationToken.None).ConfigureAwait(false);
        return [.. items.Select(item => new Acceptance.Taken(item.Row))];
    }

    private async Task<IReadOnlyList<Acceptance>> Judge(IReadOnlyList<NewSubmission> items, CancellationToken cancellation)
    {
        var answers = new Acceptance[items.Count];
        var commands = new List<Outgoing>(items.Count);
        await using var connection = await _database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        foreach (var round in SubmissionRounds.Of(items))
        {
            await RunRound(connection, items, round, answers, commands, cancellation).ConfigureAwait(false);
        }

        if (commands.Count > 0) { await Insert(connection, commands, cancellation).ConfigureAwait(false); }
        Failpoints.Hit("submission.before-commit");
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        Failpoints.Hit("submission.after-commit");
        await _outbox.Committed(commands, CancellationToken.None).ConfigureAwait(false);
        return answers;
    }

    private static async Task RunRound(
        NpgsqlConnection connection,
        IReadOnlyList<NewSubmission> items,
        IReadOnlyList<int> round,
        Acceptance[] answers,
        List<Outgoing> commands,
        CancellationToken cancellation)
    {
        var keys = await SubmissionSql.ClaimKeys(connection, [.. round.Select(i => items[i])], cancellation).ConfigureAwait(false);
        // A key that was here before and has another body, or a body that was answered before, inserts nothing.
        var open = round.Where(i => !keys.IsKnown(items[i])).ToList();
        var found = await SubmissionSql
            .InsertSubmissions(connection, [.. open.Select(i => items[i])], keys.KnownTaskIds, cancellation).ConfigureAwait(false);
        foreach (var i in round)
        {
            answers[i] = keys.Answer(items[i], found) ?? found.Answer(items[i]);
            if (answers[i] is Acceptance.Taken) { commands.Add(items[i].Command); }
        }

        await PostgresPayloadStore.Insert(connection,
            round.Where(i => answers[i] is Acceptance.Taken && items[i].Payload is not null).Select(i => (items[i].Payload!, items[i].Row.TaskId)),
            cancellation).ConfigureAwait(false);
        var refused = round.Where(i => answers[i] is Acceptance.Conflicts && items[i].IdempotencyKey is not null)
            .Select(i => items[i].IdempotencyKey!).ToArray();
        if (refused.Length > 0) { await SubmissionSql.ForgetKeys(connection, refused, cancellation).ConfigureAwait(false); }
    }

    private async Task Insert(NpgsqlConnection connection, List<Outgoing> commands, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(_outbox.Insert(commands));
        _ = await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}

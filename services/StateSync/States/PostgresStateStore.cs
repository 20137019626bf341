using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// Documents in PostgreSQL. Whatever is in flight at the same time shares one transaction: lock and read the tasks concerned, decide
/// in memory by <see cref="StateRules"/>, write sets. Several instances may do so at once: a round holds an advisory lock per
/// task, taken in one order, and every write is guarded by the version that was read.
/// </summary>
public sealed class PostgresStateStore : IStateStore, IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly IDbContextFactory<StateSyncDb> _databases;
    private readonly TimeProvider _clock;
    private readonly GroupCommit<IReadOnlyList<StateInput>, IReadOnlyList<StateAnswer>> _commit;

    /// <summary>A store over the data source that <c>AddModuleDb</c> registered.</summary>
    public PostgresStateStore(NpgsqlDataSource source, IDbContextFactory<StateSyncDb> databases, TimeProvider clock)
    {
        _source = source;
        _databases = databases;
        _clock = clock;
        _commit = new GroupCommit<IReadOnlyList<StateInput>, IReadOnlyList<StateAnswer>>(Round, failsTogether: DatabaseOutage.Is);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<StateAnswer>> Apply(IReadOnlyList<StateInput> inputs, CancellationToken cancellation)
    {
        // Nothing malformed reaches the database: an id may hold what PostgreSQL cannot.
        var refusals = inputs.Select(StateRules.Check).ToArray();
        StateInput[] sound = [.. inputs.Where((_, i) => refusals[i] is null)];
        var answers = sound.Length == 0 ? [] : await _commit.Run(sound, cancellation).ConfigureAwait(false);
        var next = 0;
        return [.. refusals.Select(refusal => refusal is null ? answers[next++] : new StateAnswer { Refusals = [refusal] })];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<StateGap>> Gaps(DateTimeOffset before, int limit, CancellationToken cancellation)
    {
        await using var db = await _databases.CreateDbContextAsync(cancellation).ConfigureAwait(false);
        var rows = await db.Held.AsNoTracking()
            .Where(row => row.Kind == HeldRow.Transition)
            .GroupBy(row => row.TaskId)
            .Select(task => new
            {
                TaskId = task.Key,
                First = task.Min(row => row.Number),
                Since = task.Min(row => row.At),
            })
            .Where(gap => gap.Since < before)
            .OrderBy(gap => gap.Since)
            .Take(limit)
            .ToListAsync(cancellation).ConfigureAwait(false);
        return rows.ConvertAll(row => new StateGap(row.TaskId, row.First, row.Since));
    }

    /// <inheritdoc />
    public async Task<int> DropReports(DateTimeOffset before, CancellationToken cancellation)
    {
        await using var db = await _databases.CreateDbContextAsync(cancellation).ConfigureAwait(false);
        return await db.Held
            .Where(row => row.Kind != HeldRow.Transition && row.At < before)
            .ExecuteDeleteAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Finishes what is in flight.</summary>
    public ValueTask DisposeAsync() => _commit.DisposeAsync();

    private static void Reach(string place, IReadOnlyList<StateInput> inputs)
    {
        if (!Failpoints.AreArmed) { return; }
        foreach (var input in inputs) { Failpoints.Hit(place, JsonNamingPolicy.SnakeCaseLower.ConvertName(input.GetType().Name)); }
    }

    private async Task<IReadOnlyList<IReadOnlyList<StateAnswer>>> Round(
        IReadOnlyList<IReadOnlyList<StateInput>> parcels, CancellationToken cancellation)
    {
        var answers = await Commit([.. parcels.SelectMany(parcel => parcel)], cancellation).ConfigureAwait(false);
        var next = 0;
        return [.. parcels.Select(parcel => { var first = next; next += parcel.Count; return answers[first..next]; })];
    }

    private async Task<StateAnswer[]> Commit(IReadOnlyList<StateInput> inputs, CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        string[] ids = [.. inputs.Select(input => input.TaskId).Distinct(StringComparer.Ordinal)];
        var tasks = await StateReader.Lock(connection, ids, cancellation).ConfigureAwait(false);
        // After the locks: an instance that waited for another one must not date its change before that one's.
        var now = _clock.GetUtcNow();
        var outcomes = inputs.Select(input => (input.TaskId, Outcome: tasks[input.TaskId].Apply(input, now))).ToList();
        TaskWork[] changed = [.. tasks.Values.Where(task => task.IsChanged)];
        await StateWriter.Write(connection, changed, now, cancellation).ConfigureAwait(false);
        var again = await StateReader.Announced(connection,
            [
                .. outcomes.Where(one => one.Outcome.RepeatedSequence is not null)
                    .Select(one => (one.TaskId, one.Outcome.RepeatedSequence!.Value)).Distinct(),
            ], cancellation).ConfigureAwait(false);
        Reach("state.before-commit", inputs);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        Reach("state.after-commit", inputs);
        return
        [
            .. outcomes.Select(one => StateAnswer.Of(
                one.Outcome, one.Outcome.RepeatedSequence is { } sequence ? [.. again[(one.TaskId, sequence)]] : [])),
        ];
    }
}

using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// Documents in PostgreSQL. Whatever is in flight at the same time shares one round. Most tasks were written by this process a moment ago and
/// are remembered: what their messages do is decided at once and written in one round trip that checks whether the memory still holds. For
/// the others, and where it does not, the round locks and reads, decides, and writes. Both decide by <see cref="StateRules"/>, hold an
/// advisory lock per task, taken in one order, and guard every write by the version that it follows; so several instances may do so at once.
/// </summary>
public sealed class PostgresStateStore : IStateStore, IAsyncDisposable
{
    // A record without its large parts is one or two KiB.
    private const int Remembered = 8192;

    private const string DropEndedSql = $"""
        with gone as (
          delete from {StateSyncDb.SchemaName}.task_state where task_id = any(array(
            select task_id from {StateSyncDb.SchemaName}.task_state
            where ended_at < greatest($1, $2) and ended_at < case state when 'completed' then $1 else $2 end
            order by ended_at limit $3))
          returning task_id),
        history as (
          delete from {StateSyncDb.SchemaName}.state_change as made using gone where made.task_id = gone.task_id),
        labels as (
          delete from {StateSyncDb.SchemaName}.task_label as label using gone where label.task_id = gone.task_id)
        select count(*) from gone
        """;

    private readonly StateMemory _memory = new(Remembered);
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

    /// <inheritdoc />
    public async Task<int> DropEnded(
        DateTimeOffset completedBefore, DateTimeOffset othersBefore, int limit, CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand(DropEndedSql);
        _ = command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = completedBefore.ToUniversalTime() });
        _ = command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = othersBefore.ToUniversalTime() });
        _ = command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return (int)(long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
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
        StateInput[] inputs = [.. parcels.SelectMany(parcel => parcel)];
        var answers = new StateAnswer?[inputs.Length];
        await Guess(inputs, answers, cancellation).ConfigureAwait(false);
        int[] left = [.. Enumerable.Range(0, inputs.Length).Where(i => answers[i] is null)];
        if (left.Length > 0)
        {
            var rest = await Commit([.. left.Select(i => inputs[i])], cancellation).ConfigureAwait(false);
            for (var i = 0; i < left.Length; i++) { answers[left[i]] = rest[i]; }
        }

        var next = 0;
        return [.. parcels.Select(parcel => { var first = next; next += parcel.Count; return (IReadOnlyList<StateAnswer>)answers[first..next]!; })];
    }

    // Answers what concerns tasks that were remembered rightly, and leaves the others.
    private async Task Guess(StateInput[] inputs, StateAnswer?[] answers, CancellationToken cancellation)
    {
        var now = _clock.GetUtcNow();
        var tasks = new Dictionary<string, TaskWork?>(StringComparer.Ordinal);
        var outcomes = new StateOutcome?[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            var input = inputs[i];
            if (!tasks.TryGetValue(input.TaskId, out var task)) { tasks[input.TaskId] = task = Recall(input); }
            outcomes[i] = task?.Apply(input, now);
            // What it announced then lies in the history.
            if (outcomes[i]?.RepeatedSequence is not null) { tasks[input.TaskId] = null; }
        }

        TaskWork[] guesses = [.. tasks.Values.OfType<TaskWork>().Where(
            task => task is { IsChanged: true, After.HoldsBack: false } && !StateWriter.ReplacesLabels(task))];
        if (guesses.Length == 0) { return; }
        Reach("state.before-commit", inputs);
        var written = await StateWriter.WriteGuessed(_source, guesses, cancellation).ConfigureAwait(false);
        Reach("state.after-commit", inputs);
        foreach (var task in guesses.Where(task => written.Contains(task.TaskId))) { _memory.Keep(task.TaskId, task.After); }
        for (var i = 0; i < inputs.Length; i++)
        {
            if (written.Contains(inputs[i].TaskId)) { answers[i] = Announced(outcomes[i]!); }
        }
    }

    private static StateAnswer Announced(StateOutcome outcome) =>
        StateAnswer.Of(outcome, []) with { Whole = outcome.Changes.Count > 0 ? SmallInput.WholeOf(outcome.Record) : null };

    private TaskWork? Recall(StateInput first) =>
        // What differs may be the row, and not what is remembered of it.
        _memory.Take(first.TaskId) is { } known && first is not StateInput.Mend ? new TaskWork(first.TaskId, known)
        : first is StateInput.Transition { Message.Sequence: 1 } ? new TaskWork(first.TaskId, TaskRecord.Empty)
        : null;

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
        foreach (var task in tasks.Values) { _memory.Keep(task.TaskId, task.After); }
        return
        [
            .. outcomes.Select(one => StateAnswer.Of(
                one.Outcome, one.Outcome.RepeatedSequence is { } sequence ? [.. again[(one.TaskId, sequence)]] : [])),
        ];
    }
}

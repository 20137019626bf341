using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.StateSync.States;
using Npgsql;

namespace A2A.Micro.StateSync.Statistics;

/// <summary>
/// Figures from PostgreSQL: what is open, what ended lately, and a sample of what ended last, each a range of an index. Whoever asks within a few
/// seconds gets the same answer, and who asks while it is reckoned waits for it.
/// </summary>
public sealed class PostgresSystemStatistics(NpgsqlDataSource source, TimeProvider clock) : ISystemStatistics, IDisposable
{
    private const string ReadOpen = $"""
        select state, task_type, agent_id, count(*) from {StateSyncDb.SchemaName}.task_state where state = any($1) group by state, task_type, agent_id
        """;

    private const string ReadTenants = $"""
        select case when position('@' in task_id) = 0 then '{TenantNames.Default}' else split_part(task_id, '@', 1) end, count(*)
        from {StateSyncDb.SchemaName}.task_state where state = any($1) group by 1
        """;

    private const string ReadEnded = $"""
        select seconds, state, count(*) from unnest($1) as seconds
        join {StateSyncDb.SchemaName}.task_state on ended_at >= $2 - make_interval(secs => seconds) group by seconds, state
        """;

    private const string ReadSample = $"""
        select document from {StateSyncDb.SchemaName}.task_state where ended_at is not null order by ended_at desc limit $1
        """;

    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(3);
    private static readonly string[] OpenWords =
        [.. Enum.GetValues<TaskState>().Where(state => state != TaskState.Unknown && !state.IsTerminal()).Select(state => state.Word())];

    private readonly SemaphoreSlim _gate = new(1, 1);
    private SystemStatistics? _last;

    /// <inheritdoc />
    public async Task<SystemStatistics> Read(CancellationToken cancellation)
    {
        if (_last is { } known && clock.GetUtcNow() - known.At < KeptFor) { return known; }
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var now = clock.GetUtcNow();
            return _last is { } other && now - other.At < KeptFor ? other : _last = await Reckon(now, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _ = _gate.Release();
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<string, long>> OpenByTenant(CancellationToken cancellation)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var command = source.CreateCommand(ReadTenants);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = OpenWords });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { counts.Add(reader.GetString(0), reader.GetInt64(1)); }
        return counts;
    }

    /// <inheritdoc />
    public void Dispose() => _gate.Dispose();

    private async Task<SystemStatistics> Reckon(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var batch = source.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadOpen) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = OpenWords } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadEnded)
        {
            Parameters = { new NpgsqlParameter<int[]> { TypedValue = SystemFigures.Windows }, new NpgsqlParameter<DateTimeOffset> { TypedValue = now } },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadSample) { Parameters = { new NpgsqlParameter<int> { TypedValue = SystemStatistics.SampleMax } } });
        var (open, ended, sample) = (new List<OpenGroup>(), new List<EndedGroup>(), new List<TaskDocument>());
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            open.Add(new OpenGroup(WireWord.Parse<TaskState>(reader.GetString(0)), reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetInt64(3)));
        }

        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            ended.Add(new EndedGroup(reader.GetInt32(0), WireWord.Parse<TaskState>(reader.GetString(1)), reader.GetInt64(2)));
        }

        _ = await reader.NextResultAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { sample.Add(StoredJson.Read<TaskDocument>(reader.GetString(0))); }
        return SystemFigures.Of(now, open, ended, sample);
    }
}

using System.Text.RegularExpressions;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace A2A.Micro.StateSync.States;

/// <summary>Reads of the documents in PostgreSQL. Lists never touch the columns that may be large.</summary>
public sealed class PostgresStateQueries(IDbContextFactory<StateSyncDb> databases, NpgsqlDataSource source) : IStateQueries
{
    private const string ReadDocuments = $"select document, input, output from {StateSyncDb.SchemaName}.task_state where task_id = any($1)";
    private const string ReadHeads = $"select document from {StateSyncDb.SchemaName}.task_state where task_id = any($1)";
    private const string ReadChildren =
        $"select document from {StateSyncDb.SchemaName}.task_state where parent_task_id = any($1) order by created_at, task_id limit $2";

    // More types or states than this are not read one by one.
    private const int BranchesMax = 32;

    private const string ReadTypes = $"""
        with recursive known as (
          (select task_type from {StateSyncDb.SchemaName}.task_state where task_type > $1 and task_type < $2 order by task_type limit 1)
          union all
          select (select task_type from {StateSyncDb.SchemaName}.task_state
            where task_type > known.task_type and task_type < $2 order by task_type limit 1)
          from known where known.task_type is not null)
        select task_type from known where task_type is not null limit $3
        """;

    // The members in the order in which they are written. As text: what agents send may hold \u0000, which PostgreSQL's JSON functions refuse.
    private const string BeginsAsPartial = """^\{"task_id":"[^"]*","version":[0-9]+,"kind":"partial",""";

    /// <inheritdoc />
    public async Task<TaskDocument?> Find(string taskId, CancellationToken cancellation) =>
        await Find([taskId], cancellation).ConfigureAwait(false) is [var document] ? document : null;

    /// <inheritdoc />
    public async Task<IReadOnlyList<TaskDocument>> Find(IReadOnlyList<string> taskIds, CancellationToken cancellation)
    {
        await using var batch = source.Behind(
            StateSyncDb.SchemaName, new NpgsqlBatchCommand(ReadDocuments) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. taskIds] } } });
        await using var reader = await batch.Read(cancellation).ConfigureAwait(false);
        var documents = new List<TaskDocument>(taskIds.Count);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            documents.Add(StoredJson.Compose(reader.GetString(0), Text(1), Text(2)));
        }

        return documents;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<TaskDocument>> Heads(IReadOnlyList<string> taskIds, CancellationToken cancellation)
    {
        await using var batch = source.Behind(
            StateSyncDb.SchemaName, new NpgsqlBatchCommand(ReadHeads) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. taskIds] } } });
        await using var reader = await batch.Read(cancellation).ConfigureAwait(false);
        var heads = new List<TaskDocument>(taskIds.Count);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { heads.Add(StoredJson.Read<TaskDocument>(reader.GetString(0))); }
        return heads;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskChange>> History(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
        Changes(db => db.StateChanges.Where(row => row.TaskId == taskId && row.Version > afterVersion), limit, cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskChange>> Partials(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
        Changes(
            db => db.StateChanges.Where(row => row.TaskId == taskId && row.Version > afterVersion && Regex.IsMatch(row.Change, BeginsAsPartial)),
            limit, cancellation);

    /// <inheritdoc />
    public async Task<TaskPage> List(TaskFilter filter, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation).ConfigureAwait(false);
        var rows = await Behind(
            Documents(db, await PlainTypes(filter, cancellation).ConfigureAwait(false)), cancellation).ConfigureAwait(false);
        return Paging.Page(rows.ConvertAll(StoredJson.Read<TaskDocument>), filter);
    }

    private async Task<IReadOnlyList<TaskChange>> Changes(
        Func<StateSyncDb, IQueryable<StateChangeRow>> which, int limit, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation).ConfigureAwait(false);
        var rows = await Behind(which(db).OrderBy(row => row.Version).Take(limit).Select(row => row.Change), cancellation).ConfigureAwait(false);
        return rows.ConvertAll(StoredJson.Read<TaskChange>);
    }

    // The statement that the model makes of a query, run behind the wall.
    private async Task<List<string>> Behind(IQueryable<string> query, CancellationToken cancellation)
    {
        await using var made = query.CreateDbCommand();
        var command = new NpgsqlBatchCommand(made.CommandText);
        foreach (NpgsqlParameter parameter in made.Parameters) { command.Parameters.Add(parameter.Clone()); }
        await using var batch = source.Behind(StateSyncDb.SchemaName, command);
        await using var reader = await batch.Read(cancellation).ConfigureAwait(false);
        var rows = new List<string>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { rows.Add(reader.GetString(0)); }
        return rows;
    }

    // A prefix is a range of the index, in which the newest are anywhere: the few types that it covers are found first, one look each, and read one by one.
    private async Task<TaskFilter> PlainTypes(TaskFilter filter, CancellationToken cancellation)
    {
        if (filter.TaskType is not { } pattern || !pattern.EndsWith(".*", StringComparison.Ordinal) || filter.TaskTypes.Count > 0) { return filter; }
        await using var command = source.CreateCommand(ReadTypes);
        _ = command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = pattern[..^1] });
        _ = command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = pattern[..^2] + "/" });
        _ = command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = BranchesMax + 1 });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var types = new List<string>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { types.Add(reader.GetString(0)); }
        return types.Count is 0 or > BranchesMax ? filter : filter with { TaskType = null, TaskTypes = types };
    }

    /// <inheritdoc />
    public async Task<TaskTree?> Tree(string taskId, int limit, CancellationToken cancellation)
    {
        var root = await Find(taskId, cancellation).ConfigureAwait(false);
        return root is null ? null : await TreeWalk.Read(root, limit, Children).ConfigureAwait(false);

        async Task<IReadOnlyList<TaskDocument>> Children(IReadOnlyList<string> parents, int most)
        {
            await using var batch = source.Behind(StateSyncDb.SchemaName, new NpgsqlBatchCommand(ReadChildren)
            {
                Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. parents] }, new NpgsqlParameter<int> { TypedValue = most } },
            });
            await using var reader = await batch.Read(cancellation).ConfigureAwait(false);
            var children = new List<TaskDocument>();
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { children.Add(StoredJson.Read<TaskDocument>(reader.GetString(0))); }
            return children;
        }
    }

    /// <summary>
    /// The query of a page, with one row more than fits. Several states or types are read one by one, each in the order of its index, and put together: of
    /// each at most a page is looked at, however many tasks there are.
    /// </summary>
    internal static IQueryable<string> Documents(StateSyncDb db, TaskFilter filter)
    {
        TaskFilter[] branches = filter switch
        {
            { TaskTypes.Count: > 0 and <= BranchesMax } => [.. filter.TaskTypes.Select(type => filter with { TaskType = type, TaskTypes = [] })],
            { States.Count: > 1 } => [.. filter.States.Select(state => filter with { States = [state] })],
            _ => [filter],
        };
        var size = Paging.Size(filter) + 1;
        // Only what a page needs: a branch must not read what may be large.
        return branches.Select(branch => Narrow(db, Filter(db.TaskStates.AsNoTracking(), branch), branch)
                .OrderByDescending(row => row.UpdatedAt).ThenBy(row => row.TaskId).Take(size)
                .Select(row => new { row.UpdatedAt, row.TaskId, row.Document }))
            .Aggregate((one, other) => one.Concat(other).OrderByDescending(row => row.UpdatedAt).ThenBy(row => row.TaskId).Take(size))
            .Select(row => row.Document);
    }

    private static IQueryable<TaskStateRow> Filter(IQueryable<TaskStateRow> rows, TaskFilter filter)
    {
        rows = OfTenant(rows, filter.Tenant);
        if (filter.States is [var one])
        {
            var only = one.Word();
            rows = rows.Where(row => row.State == only);
        }
        else if (filter.States.Count > 1)
        {
            string[] words = [.. filter.States.Select(state => state.Word())];
            rows = rows.Where(row => words.Contains(row.State));
        }

        if (filter.TaskType is { } pattern && pattern != "*") { rows = OfType(rows, pattern); }
        if (filter.RequesterAgentId is { } requester) { rows = rows.Where(row => row.RequesterAgentId == requester); }
        if (filter.ParentTaskId is { } parent) { rows = rows.Where(row => row.ParentTaskId == parent); }
        if (filter.After is { } after)
        {
            var (at, id) = (Paging.TimeOf(after), after.TaskId);
            // The first comparison alone bounds the range of the index.
            rows = rows.Where(row => row.UpdatedAt <= at && (row.UpdatedAt < at || string.Compare(row.TaskId, id) > 0));
        }

        return rows;
    }

    private static IQueryable<TaskStateRow> Narrow(StateSyncDb db, IQueryable<TaskStateRow> rows, TaskFilter filter)
    {
        if (filter.TaskTypes.Count > 0)
        {
            string[] types = [.. filter.TaskTypes];
            rows = rows.Where(row => types.Contains(row.TaskType));
        }

        if (filter.AgentId is { } agent) { rows = rows.Where(row => row.AgentId == agent); }
        if (filter.Priority is { } priority) { rows = rows.Where(row => row.Priority == priority); }
        foreach (var label in filter.Labels)
        {
            rows = rows.Where(row => db.TaskLabels.Any(one => one.Label == label && one.TaskId == row.TaskId));
        }

        if (filter.CreatedAfter?.ToUniversalTime() is { } created)
        {
            // Nothing changes before it is submitted: this bounds the range of the index.
            rows = rows.Where(row => row.CreatedAt >= created && row.UpdatedAt >= created);
        }

        if (filter.CreatedBefore?.ToUniversalTime() is { } older) { rows = rows.Where(row => row.CreatedAt < older); }
        if (filter.UpdatedAfter?.ToUniversalTime() is { } since) { rows = rows.Where(row => row.UpdatedAt >= since); }
        if (filter.UpdatedBefore?.ToUniversalTime() is { } until) { rows = rows.Where(row => row.UpdatedAt < until); }
        return rows;
    }

    private static IQueryable<TaskStateRow> OfTenant(IQueryable<TaskStateRow> rows, string tenant)
    {
        if (tenant == TenantNames.Default) { return rows.Where(row => StateSyncDb.IsOfTenant(row.TaskId, TenantNames.Default)); }
        // Everything between "acme@" and "acmeA": a tenant's tasks are a range of the names.
        var (first, end) = (tenant + "@", tenant + "A");
        return rows.Where(row => string.Compare(row.TaskId, first) > 0 && string.Compare(row.TaskId, end) < 0);
    }

    private static IQueryable<TaskStateRow> OfType(IQueryable<TaskStateRow> rows, string pattern)
    {
        if (!pattern.EndsWith(".*", StringComparison.Ordinal)) { return rows.Where(row => row.TaskType == pattern); }
        // Everything between "data." and "data/": '/' follows '.' in the order of bytes.
        var (first, end) = (pattern[..^1], pattern[..^2] + "/");
        return rows.Where(row => string.Compare(row.TaskType, first) > 0 && string.Compare(row.TaskType, end) < 0);
    }
}

using System.Diagnostics;
using System.Globalization;
using A2A.Micro.Bench.Systems;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Persistence;
using A2A.Micro.StateSync;
using A2A.Micro.StateSync.States;
using A2A.Micro.StateSync.Statistics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace A2A.Micro.Bench.Reads;

/// <summary>
/// <c>lists [N]</c>: the first page of a list by every filter, and the figures of all tasks, while N tasks (1,000,000) are there: a tenth of them open,
/// of 20 types, 1,000 requesters and 50 agents, with two labels each.
/// </summary>
public static class ListRun
{
    private const int Repeats = 200;

    // A document has about 700 bytes; states change in the order of ids, so that every value of every column is spread over all times.
    private const string Fill = $$"""
        insert into {{StateSyncDb.SchemaName}}.task_state (task_id, task_type, state, phase, version, sequence, attempt, agent_id, priority, requester_agent_id,
            progress, created_at, updated_at, ended_at, document)
        select 'task-' || n, type, state, '', 5, 5, 1, agent, priority, requester, 0, at, at, case when state = 'completed' then at end,
            '{"task_id":"task-' || n || '","task_type":"' || type || '","state":"' || state || '","version":5,"sequence":5,"priority":' || priority
            || ',"created_at":"2026-03-21T15:00:00.000Z","updated_at":"2026-03-21T15:00:00.000Z","attempt":1,"agent_id":"' || agent
            || '","requester_agent_id":"' || requester || '","mode":"routed","progress_message":"' || repeat('x', 400) || '"}'
        from (select n, 'type' || (n % 20) || '.work' as type, 'agent-' || (n % 50) as agent, 'requester-' || (n % 1000) as requester, 1 + n % 4 as priority,
            case when n % 10 = 0 then (array['queued', 'running', 'blocked'])[1 + n % 3] else 'completed' end as state,
            now() - make_interval(secs => n * 0.5) as at
          from generate_series(1, $1) as n) as made
        """;

    private const string FillLabels = $$"""
        insert into {{StateSyncDb.SchemaName}}.task_label (label, task_id)
        select label, 'task-' || n from generate_series(1, $1) as n
        cross join lateral (values ('batch_id=' || (n / 500)), ('source=' || (n % 7))) as labels(label)
        """;

    /// <summary>The whole program.</summary>
    public static async Task Run(string? count)
    {
        if (Servers.FromEnvironment() is not { } servers) { return; }
        var tasks = int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 1_000_000;
        await using var database = await BenchDatabase.Create(servers, CancellationToken.None);
        await using var services = await Services(
            new NpgsqlConnectionStringBuilder(servers.Database.ConnectionString) { Database = database.Name }.ConnectionString);
        await Execute(database, Fill, tasks);
        await Execute(database, FillLabels, tasks);
        await Execute(database, $"vacuum analyze {StateSyncDb.SchemaName}.task_state, {StateSyncDb.SchemaName}.task_label", null);
        var queries = services.GetRequiredService<IStateQueries>();
        Say($"{tasks} tasks; the first page of 50, {Repeats} times with other values each time");
        Say("| filter | p50 ms | p95 ms | p99 ms | found |");
        Say("| --- | ---: | ---: | ---: | ---: |");
        foreach (var (name, filter) in Filters())
        {
            var found = 0;
            var times = await Times(async i => found = (await queries.List(filter(i), CancellationToken.None)).Tasks.Count);
            Say($"| {name} | {At(times, 0.5)} | {At(times, 0.95)} | {At(times, 0.99)} | {found} |");
        }

        var statistics = services.GetRequiredService<ISystemStatistics>();
        var started = Stopwatch.GetTimestamp();
        _ = await statistics.Read(CancellationToken.None);
        var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        Say(string.Create(CultureInfo.InvariantCulture, $"figures of all tasks: {took:0} ms, every 3 s at most"));
    }

    private static IEnumerable<(string, Func<int, TaskFilter>)> Filters() =>
    [
        ("none", _ => new TaskFilter()),
        ("state, open", i => new TaskFilter { States = [i % 2 == 0 ? TaskState.Queued : TaskState.Running] }),
        ("state, ended", _ => new TaskFilter { States = [TaskState.Completed] }),
        ("state without tasks", _ => new TaskFilter { States = [TaskState.Rejected] }),
        ("type", i => new TaskFilter { TaskType = $"type{i % 20}.work" }),
        ("type, prefix", i => new TaskFilter { TaskType = $"type{i % 20}.*" }),
        ("three types", i => new TaskFilter { TaskTypes = [$"type{i % 20}.work", $"type{(i + 1) % 20}.work", "none.such"] }),
        ("requester", i => new TaskFilter { RequesterAgentId = $"requester-{i * 5}" }),
        ("requester without tasks", i => new TaskFilter { RequesterAgentId = $"nobody-{i}" }),
        ("agent", i => new TaskFilter { AgentId = $"agent-{i % 50}" }),
        ("priority", i => new TaskFilter { Priority = 1 + (i % 4) }),
        ("metadata, rare", i => new TaskFilter { Labels = [$"batch_id={i * 7}"] }),
        ("metadata, frequent", i => new TaskFilter { Labels = [$"source={i % 7}"] }),
        ("state and type", i => new TaskFilter { States = [TaskState.Running], TaskType = $"type{i % 20}.work" }),
        ("state and requester", i => new TaskFilter { States = [TaskState.Running], RequesterAgentId = $"requester-{i * 5}" }),
        ("changed in the last hour", _ => new TaskFilter { UpdatedAfter = TimeProvider.System.GetUtcNow().AddHours(-1) }),
        ("a page far behind", i => new TaskFilter
        {
            After = new TaskCursor
            {
                TaskId = "",
                UpdatedAtUs = (TimeProvider.System.GetUtcNow().AddSeconds(-2000 * (i + 1)) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
            },
        }),
    ];

    private static async Task<double[]> Times(Func<int, Task> read)
    {
        var times = new double[Repeats];
        for (var i = -10; i < Repeats; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await read(Math.Abs(i));
            if (i >= 0) { times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds; }
        }

        return [.. times.Order()];
    }

    private static string At(double[] sorted, double share) =>
        sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)].ToString("0.0", CultureInfo.InvariantCulture);

    private static async Task<ServiceProvider> Services(string connection)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new KeyValuePair<string, string?>("ConnectionStrings:Postgres", connection)]).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
            .AddModuleDb<StateSyncDb>(StoreKind.Postgres, configuration)
            .AddSingleton<IStateQueries, PostgresStateQueries>().AddSingleton<ISystemStatistics, PostgresSystemStatistics>()
            .BuildServiceProvider();
        foreach (var migrator in services.GetServices<IHostedService>().OfType<IHostedLifecycleService>()) { await migrator.StartingAsync(default); }
        return services;
    }

    private static async Task Execute(BenchDatabase database, string sql, int? count)
    {
        await using var command = database.Source.CreateCommand(sql);
        command.CommandTimeout = 600;
        if (count is { } number) { _ = command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = number }); }
        _ = await command.ExecuteNonQueryAsync();
    }

    private static void Say(string line) => Console.WriteLine(line);
}

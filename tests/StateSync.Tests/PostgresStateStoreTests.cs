using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Persistence;
using A2A.Micro.StateSync.States;
using A2A.Micro.StateSync.Statistics;
using A2A.Micro.StateSync.Verification;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace A2A.Micro.StateSync.Tests;

public sealed class PostgresStateStoreTests(PostgresServer server) : StateStoreSuite, IClassFixture<PostgresServer>, IAsyncLifetime
{
    private ServiceProvider? _services;

    private protected override IStateStore Store => Services.GetRequiredService<IStateStore>();

    private protected override IStateQueries Queries => Services.GetRequiredService<IStateQueries>();

    private protected override ITypeStatistics Statistics => Services.GetRequiredService<ITypeStatistics>();

    private protected override ISystemStatistics Totals => Services.GetRequiredService<ISystemStatistics>();

    private ServiceProvider Services => _services ?? throw new InvalidOperationException("not initialised");

    public async Task InitializeAsync()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [new KeyValuePair<string, string?>("ConnectionStrings:Postgres", server.ConnectionString)]).Build();
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(Clock)
            .AddModuleDb<StateSyncDb>(StoreKind.Postgres, configuration)
            .AddSingleton<IStateStore, PostgresStateStore>()
            .AddSingleton<IStateQueries, PostgresStateQueries>()
            .AddSingleton<ITypeStatistics, PostgresTypeStatistics>()
            .AddSingleton<ISystemStatistics, PostgresSystemStatistics>()
            .BuildServiceProvider();
        foreach (var migrator in _services.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await migrator.StartingAsync(default);
        }

        await server.Execute("truncate state_sync.task_state, state_sync.state_change, state_sync.held");
    }

    public async Task DisposeAsync() => await Services.DisposeAsync();

    [Theory]
    [InlineData("update state_sync.task_state set document = replace(document, '\"running\"', '\"failed\"') where task_id = 'mended'")]
    [InlineData("delete from state_sync.state_change where task_id = 'mended' and version = 3")]
    public async Task What_somebody_spoilt_is_found_and_mended_and_everybody_is_told(string harm)
    {
        var life = Life.Running("mended").Report(0.5);
        foreach (var input in life.Inputs) { _ = await Apply(input); }
        await server.Execute(harm);
        var (announcer, meters) = (new Silent(), new ServiceCollection().AddMetrics().AddSingleton<StateSyncMetrics>().BuildServiceProvider());
        await using var metrics = meters;
        using var verifier = new StateVerifier(Queries, Store, announcer, metrics.GetRequiredService<StateSyncMetrics>(),
            Microsoft.Extensions.Options.Options.Create(new StateSyncOptions()), Clock, NullLogger<StateVerifier>.Instance);

        Assert.Equal(1, await verifier.Verify(default));

        Assert.Equal((TaskState.Running, 6L), ((await Queries.Find("mended", default))!.State, announcer.Said[^1].Version));
        Assert.Equal([1, 2, 3, 4, 5, 6], (await Queries.History("mended", 0, 10, default)).Select(change => (int)change.Version));
        Assert.Equal(0, await verifier.Verify(default));
        // Life goes on from there, whatever this process remembers.
        Assert.Equal(7, (await Apply(life.Complete().Last)).Changes.Single().Version);
    }

    [Fact]
    public async Task Two_instances_that_get_every_message_lead_to_one_history()
    {
        await using var second = Another();
        var random = new Random(7);
        var lives = Enumerable.Range(0, 30).Select(i => AnyLife.From(Bytes(random, 60), "two-" + i)).ToList();
        var inputs = lives.SelectMany(life => life.Inputs).ToList();

        var answers = await Task.WhenAll(AnyLife.Shuffled(inputs, random).Select(Apply)
            .Concat(AnyLife.Shuffled(inputs, random).Select(async input => (await second.Apply([input], default))[0])));

        foreach (var life in lives) { await AssertWhole(life, Queries); }
        var made = answers.SelectMany(answer => answer.Changes).Select(change => (change.TaskId, change.Version)).ToList();
        Assert.Equal(made.Count, made.Distinct().Count());
        Assert.Equal(made.Count, await server.Read<long>("select count(*) from state_sync.state_change"));
        Assert.Equal(0, await server.Read<long>("select count(*) from state_sync.held where kind = 'transition'"));
    }

    [Fact]
    public async Task The_end_of_a_small_task_is_announced_with_its_document_and_nothing_else_is()
    {
        var answers = await Tell(new Life("small").Submit(parameters: "{\"n\":1.0}", metadata: "{\"m\":[]}").Queue().Offer("agent-1").Run().Complete());
        Assert.Equal([false, false, false, false, true], answers.Select(answer => answer.Announcements.Single().Document is not null));
        Assert.Contains("\"parameters\":{\"n\":1.0}", answers[^1].Whole, StringComparison.Ordinal);

        var large = $"\"{new string('x', 5000)}\"";
        answers = await Tell(new Life("large-in").Submit(parameters: large).Queue().Offer("agent-1").Run().Complete());
        Assert.All(answers, answer => Assert.Null(answer.Whole));
        answers = await Tell(Life.Running("large-out").Complete(large));
        Assert.All(answers, answer => Assert.Null(answer.Whole));
    }

    [Fact]
    public async Task Steps_of_a_task_without_a_row_do_not_pass_each_other_on_two_instances()
    {
        await using var second = Another();
        foreach (var i in Enumerable.Range(0, 100))
        {
            var life = new Life("pair-" + i).Submit().Queue();
            _ = await Task.WhenAll(Store.Apply([life.Inputs[0]], default), second.Apply([life.Inputs[1]], default));
            await AssertWhole(life, Queries);
        }
    }

    [Fact]
    public async Task What_one_instance_holds_back_is_released_by_another_that_remembers_the_task()
    {
        await using var second = Another();
        var life = new Life("held-elsewhere").Submit().Queue().Offer("agent-1").Run();
        _ = await Store.Apply([life.Inputs[0]], default);
        _ = await second.Apply([life.Inputs[2]], default);
        _ = await Store.Apply([life.Inputs[1]], default);
        _ = await Store.Apply([life.Inputs[3]], default);
        await AssertWhole(life, Queries);
    }

    [Fact]
    public async Task A_first_step_releases_what_another_instance_holds_back()
    {
        await using var second = Another();
        var life = new Life("held-before").Submit().Queue();
        _ = await second.Apply([life.Inputs[1]], default);
        _ = await Store.Apply([life.Inputs[0]], default);
        await AssertWhole(life, Queries);
    }

    [Fact]
    public async Task What_another_instance_wrote_meanwhile_is_not_overwritten_from_memory()
    {
        await using var second = Another();
        var life = Life.Running("meanwhile").Report(0.25).Report(0.5).Complete();
        for (var i = 0; i < life.Inputs.Count; i++) { _ = await (i % 2 == 0 ? Store : second).Apply([life.Inputs[i]], default); }
        await AssertWhole(life, Queries);
    }

    [Fact]
    public async Task A_document_that_was_changed_behind_the_lock_is_not_overwritten()
    {
        var life = Life.Running("cas");
        await Tell(life);
        await using var connection = await server.Source.OpenConnectionAsync();
        await using var writer = connection.CreateCommand();
        await using var transaction = await connection.BeginTransactionAsync();
        // A writer that takes no advisory lock, as nobody of ours does: it holds the row, the store waits for it and then must not win.
        writer.CommandText = "update state_sync.task_state set version = version + 1 where task_id = 'cas'";
        await writer.ExecuteNonQueryAsync();
        var report = Apply(life.Report(0.5).Last);
        await Eventually.True(() => server.Read<long>(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()").Result > 0,
            "the store waits for the row");
        await transaction.CommitAsync();

        await Assert.ThrowsAsync<ConcurrencyConflictException>(() => report);
        Assert.Equal(4, await server.Read<long>("select count(*) from state_sync.state_change where task_id = 'cas'"));
    }

    [Fact]
    public async Task A_list_reads_no_large_column_and_pages_by_index()
    {
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Apply(new Life("explain-" + i).Submit().Last)));
        await server.Execute("""
            insert into state_sync.task_state select (jsonb_populate_record(task, jsonb_build_object(
              'task_id', task.task_id || '-' || n, 'updated_at', task.updated_at - n * interval '1 second'))).*
            from state_sync.task_state task, generate_series(1, 9) n where task.task_id like 'explain-%'
            """);
        await server.Execute("analyze state_sync.task_state");
        await using var db = await Services.GetRequiredService<IDbContextFactory<StateSyncDb>>().CreateDbContextAsync();
        var after = new TaskCursor { UpdatedAtUs = Clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000, TaskId = "explain-5" };
        var page = PostgresStateQueries.Documents(db, new TaskFilter { After = after }).ToQueryString();
        var state = PostgresStateQueries.Documents(db, new TaskFilter { States = [TaskState.Submitted] }).ToQueryString();

        Assert.DoesNotContain("input", page, StringComparison.Ordinal);
        Assert.DoesNotContain("output", page, StringComparison.Ordinal);
        // ToQueryString names the parameters in comments; their values stand in for them here.
        var plan = await Explain(page.Replace("@at", $"'{Clock.GetUtcNow():O}'", StringComparison.Ordinal)
            .Replace("@id", "'explain-5'", StringComparison.Ordinal).Replace("@p", "51", StringComparison.Ordinal));
        Assert.Contains("task_state_recent", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
        // Nearly all are in that state: still only the first of them are looked at.
        plan = await Explain(state.Replace("@only", "'submitted'", StringComparison.Ordinal).Replace("@p", "51", StringComparison.Ordinal));
        Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
    }

    // As a caller's read runs: behind the wall between tenants.
    private async Task<string> Explain(string sql)
    {
        await using var connection = await server.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "select set_config('a2a.tenant', 'default', true), set_config('role', 'a2a_state_sync_reader', true)";
        _ = await command.ExecuteNonQueryAsync();
        command.CommandText = "explain " + string.Join('\n', sql.Split('\n').Where(line => !line.StartsWith("--", StringComparison.Ordinal)));
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync()) { lines.Add(reader.GetString(0)); }
        return string.Join('\n', lines);
    }

    private PostgresStateStore Another() =>
        new(server.Source, Services.GetRequiredService<IDbContextFactory<StateSyncDb>>(), Clock);
}

using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Persistence.Sagas;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace A2A.Micro.Persistence.Tests;

/// <summary>What every saga store promises; run against memory and against PostgreSQL.</summary>
public abstract partial class SagaStoreTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    protected abstract Task<ISagaStore<PingSaga>> Store();

    protected static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task A_saga_comes_back_as_it_was_stored()
    {
        var store = await Store();
        var saga = New();
        saga.LastWord = "zur Prüfung 1.0 \"quoted\"";
        saga.Words = ["a", "b"];
        saga.SeenAt = new DateTimeOffset(2026, 3, 21, 15, 0, 0, 123, TimeSpan.Zero);
        saga.Factor = 0.1;
        Assert.True(await store.Commit(Unit(saga), None));

        var loaded = (await store.Load(saga.CorrelationId, NewId(), starts: false, None)).Saga!;

        Assert.Equal(1, loaded.Version);
        Assert.Equal((saga.State, saga.Count, saga.LastWord, saga.SeenAt, saga.Factor),
            (loaded.State, loaded.Count, loaded.LastWord, loaded.SeenAt, loaded.Factor));
        Assert.Equal(saga.Words, loaded.Words);
        Assert.Null(loaded.DueAt);
    }

    [Fact]
    public async Task A_saga_that_nobody_stored_is_not_found()
    {
        var loaded = await (await Store()).Load(NewId(), NewId(), starts: false, None);

        Assert.Null(loaded.Saga);
        Assert.Null(loaded.Repeated);
    }

    [Fact]
    public async Task Of_two_commits_from_the_same_version_one_wins()
    {
        var store = await Store();
        var saga = New();
        Assert.True(await store.Commit(Unit(saga), None));
        var one = (await store.Load(saga.CorrelationId, NewId(), starts: false, None)).Saga!;
        var other = (await store.Load(saga.CorrelationId, NewId(), starts: false, None)).Saga!;
        one.LastWord = "one";
        other.LastWord = "other";

        var outcomes = await Task.WhenAll(store.Commit(Unit(one), None), store.Commit(Unit(other), None));

        Assert.Single(outcomes, true);
        var stored = (await store.Load(saga.CorrelationId, NewId(), starts: false, None)).Saga!;
        Assert.Equal(2, stored.Version);
        Assert.Equal(outcomes[0] ? "one" : "other", stored.LastWord);
    }

    [Fact]
    public async Task A_commit_that_lost_leaves_no_inbox_row_so_its_message_may_try_again()
    {
        var store = await Store();
        var saga = New();
        Assert.True(await store.Commit(Unit(saga), None));
        var stale = New(saga.CorrelationId);
        var message = NewId();

        Assert.False(await store.Commit(Unit(stale, message), None));

        Assert.Null((await store.Load(saga.CorrelationId, message, starts: false, None)).Repeated);
    }

    [Fact]
    public async Task A_message_that_was_committed_commits_nothing_more()
    {
        var store = await Store();
        var saga = New();
        var message = NewId();
        Assert.True(await store.Commit(Unit(saga, message), None));
        var again = (await store.Load(saga.CorrelationId, NewId(), starts: false, None)).Saga!;
        again.LastWord = "twice";

        Assert.False(await store.Commit(Unit(again, message), None));

        var stored = (await store.Load(saga.CorrelationId, NewId(), starts: false, None)).Saga!;
        Assert.Equal((1, saga.LastWord), (stored.Version, stored.LastWord));
    }

    [Fact]
    public async Task A_message_that_comes_again_gets_what_it_caused_to_be_sent()
    {
        var store = await Store();
        var saga = New();
        var message = NewId();
        var unit = Unit(saga, message);
        var pong = new Pong { Id = saga.CorrelationId, Count = 7 };
        var outgoing = Outgoing.Command("somewhere", pong, TimeProvider.System) with { TimeToLive = TimeSpan.FromSeconds(5) };
        unit.Say(outgoing);
        Assert.True(await store.Commit(unit, None));

        var repeated = (await store.Load(saga.CorrelationId, message, starts: false, None)).Repeated;

        var again = Assert.Single(repeated!);
        Assert.Equal((outgoing.Id, outgoing.Destination, outgoing.TimeToLive), (again.Id, again.Destination, again.TimeToLive));
        Assert.Equal(pong, Assert.IsType<Pong>(again.Message));
    }

    [Fact]
    public async Task A_message_that_sent_nothing_is_recognised_too()
    {
        var store = await Store();
        var saga = New();
        var message = NewId();
        Assert.True(await store.Commit(Unit(saga, message), None));

        Assert.Empty((await store.Load(saga.CorrelationId, message, starts: false, None)).Repeated!);
    }

    [Fact]
    public async Task Many_sagas_at_once_lose_nothing_and_mix_nothing_up()
    {
        var store = await Store();
        var ids = Enumerable.Range(0, 200).Select(_ => NewId()).ToArray();
        async Task Live(Guid id, int number)
        {
            for (var step = 0; step < 5; step++)
            {
                var message = NewId();
                var saga = (await store.Load(id, message, starts: false, None)).Saga ?? New(id);
                saga.Count++;
                saga.LastWord = $"{number}";
                Assert.True(await store.Commit(Unit(saga, message), None));
            }
        }

        await Task.WhenAll(ids.Select(Live));

        var stored = await Task.WhenAll(ids.Select(id => store.Load(id, NewId(), starts: false, None)));
        Assert.All(stored, loaded => Assert.Equal((5, 5), (loaded.Saga!.Count, loaded.Saga.Version)));
        Assert.Equal(Enumerable.Range(0, 200).Select(n => $"{n}"), stored.Select(loaded => loaded.Saga!.LastWord));
    }

    [Fact]
    public async Task Due_sagas_are_taken_once_and_again_only_after_a_while()
    {
        var store = await Store();
        var now = TimeProvider.System.GetUtcNow();
        var past = New();
        past.DueAt = now - TimeSpan.FromMinutes(1);
        var future = New();
        future.DueAt = now + TimeSpan.FromHours(1);
        Assert.True(await store.Commit(Unit(past), None));
        Assert.True(await store.Commit(Unit(future), None));

        var first = await store.TakeDue(100, TimeSpan.FromMinutes(10), None);
        var second = await store.TakeDue(100, TimeSpan.FromMinutes(10), None);

        Assert.Contains(first, due => due.SagaId == past.CorrelationId);
        Assert.DoesNotContain(first, due => due.SagaId == future.CorrelationId);
        Assert.DoesNotContain(second, due => due.SagaId == past.CorrelationId);
    }

    [Fact]
    public async Task A_saga_whose_alarm_was_taken_away_is_not_woken()
    {
        var store = await Store();
        var saga = New();
        saga.DueAt = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1);
        Assert.True(await store.Commit(Unit(saga), None));
        var loaded = (await store.Load(saga.CorrelationId, NewId(), starts: false, None)).Saga!;
        loaded.DueAt = null;
        Assert.True(await store.Commit(Unit(loaded), None));

        Assert.DoesNotContain(await store.TakeDue(100, TimeSpan.FromMinutes(10), None), due => due.SagaId == saga.CorrelationId);
    }

    protected static PingSaga New(Guid? id = null) => new() { CorrelationId = id ?? NewId(), State = "ringing", Count = 0 };

    protected static UnitOfWork<PingSaga> Unit(PingSaga saga, Guid? message = null) =>
        new(message ?? NewId()) { Saga = saga, Changed = true };
}

public sealed class InMemorySagaStoreTests : SagaStoreTests
{
    protected override Task<ISagaStore<PingSaga>> Store() =>
        Task.FromResult<ISagaStore<PingSaga>>(new InMemorySagaStore<PingSaga>(TimeProvider.System));
}

public sealed class PostgresSagaStoreTests(PostgresServer postgres) : SagaStoreTests, IClassFixture<PostgresServer>
{
    [Fact]
    public async Task A_row_that_the_database_refuses_fails_alone()
    {
        var store = await Store();
        var good = Enumerable.Range(0, 20).Select(_ => New()).ToArray();
        var poison = New();
        poison.Count = 5000;

        var commits = good.Select(saga => store.Commit(Unit(saga), CancellationToken.None)).ToArray();
        var refused = store.Commit(Unit(poison), CancellationToken.None);

        _ = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => refused);
        Assert.All(await Task.WhenAll(commits), Assert.True);
    }

    [Fact]
    public async Task Migrations_may_run_from_several_instances_at_once_and_again()
    {
        await using var one = await Started();
        await using var other = await Started();

        Assert.Equal(3L, await postgres.Read<long>("select count(*) from ping.migration"));
    }

    [Fact]
    public async Task The_model_names_exactly_the_columns_of_the_table()
    {
        await using var provider = await Started();
        await using var db = await provider.GetRequiredService<IDbContextFactory<PingDb>>().CreateDbContextAsync();
        var model = db.Model.FindEntityType(typeof(PingSaga))!.GetProperties().Select(property => property.GetColumnName()).Order();

        var table = new List<string>();
        await using var command = postgres.Source.CreateCommand(
            "select column_name from information_schema.columns where table_schema = 'ping' and table_name = 'ping_saga'");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) { table.Add(reader.GetString(0)); }

        Assert.Equal(table.Order(StringComparer.Ordinal), model.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_column_that_never_changes_is_written_once()
    {
        var store = await Store();
        var saga = New();
        saga.Born = "first";
        Assert.True(await store.Commit(Unit(saga), CancellationToken.None));
        var loaded = (await store.Load(saga.CorrelationId, NewId(), starts: false, CancellationToken.None)).Saga!;
        loaded.Born = "second";
        loaded.Count = 1;

        Assert.True(await store.Commit(Unit(loaded), CancellationToken.None));

        var again = (await store.Load(saga.CorrelationId, NewId(), starts: false, CancellationToken.None)).Saga!;
        Assert.Equal(("first", 1), (again.Born, again.Count));
    }

    protected override async Task<ISagaStore<PingSaga>> Store() =>
        (await Started()).GetRequiredService<PostgresSagaStore<PingSaga, PingDb>>();

    private async Task<ServiceProvider> Started()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [KeyValuePair.Create<string, string?>("ConnectionStrings:Postgres", postgres.ConnectionString)]).Build();
        var provider = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
            .AddModuleDb<PingDb>(StoreKind.Postgres, configuration)
            .AddSagaStore<PingSaga, PingDb>(StoreKind.Postgres)
            .BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StartingAsync(CancellationToken.None);
        }

        return provider;
    }
}

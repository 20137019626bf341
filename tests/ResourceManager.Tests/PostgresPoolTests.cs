using A2A.Micro.Persistence;
using A2A.Micro.ResourceManager.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>A database with the service's schema; emptied before each test.</summary>
public sealed class LedgerDatabase : IAsyncLifetime
{
    private readonly PostgresServer _server = new();

    public PostgresServer Server => _server;

    public async Task InitializeAsync()
    {
        await _server.InitializeAsync();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("ConnectionStrings:Postgres",
                (string?)_server.ConnectionString)])
            .Build();
        await using var provider = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
            .AddModuleDb<ResourceManagerDb>(StoreKind.Postgres, configuration)
            .BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StartingAsync(CancellationToken.None);
        }
    }

    public Task DisposeAsync() => _server.DisposeAsync();

    internal PostgresPool NewPool(RecordingOutbox outbox, ResourceManagerOptions? options = null) =>
        new(_server.Source, outbox, Microsoft.Extensions.Options.Options.Create(options ?? new ResourceManagerOptions()), TimeProvider.System);

    public Task Empty() => _server.Execute("""
        TRUNCATE resource_manager.agent, resource_manager.reservation, resource_manager.ledger, resource_manager.claim,
          resource_manager.outbox, resource_manager.device_hold, resource_manager.requester_use, resource_manager.denial,
          resource_manager.agent_report
        """);
}

/// <summary>The pool of an instance that works alone, and remembers.</summary>
public sealed class RememberingPoolTests(LedgerDatabase database) : PostgresPoolTests(database)
{
    protected override ResourceManagerOptions Options => LineOptions();

    [Fact]
    public async Task What_another_instance_did_meanwhile_counts()
    {
        await using var other = Database.NewPool(new RecordingOutbox());
        await Pool.Announce(Claims.Agent("a", slots: 1), CancellationToken.None);
        Assert.IsType<ClaimAnswer.Granted>(await other.Claim(Claims.Of("1"), CancellationToken.None));
        Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(Claims.Of("2"), CancellationToken.None));
        _ = await other.Release(Claims.Key("1"), null, CancellationToken.None);

        Assert.IsType<ClaimAnswer.Closed>(await Pool.Claim(Claims.Of("1"), CancellationToken.None));
        Assert.IsType<ClaimAnswer.Granted>(await Pool.Claim(Claims.Of("2"), CancellationToken.None));
    }

    [Fact]
    public async Task A_claim_that_its_release_overtook_long_ago_finds_the_door_closed()
    {
        await Pool.Announce(Claims.Agent("a"), CancellationToken.None);
        _ = await Pool.Release(Claims.Key("1"), null, CancellationToken.None);
        await using var restarted = Database.NewPool(new RecordingOutbox());

        Assert.IsType<ClaimAnswer.Closed>(await restarted.Claim(Claims.Of("1"), CancellationToken.None));
    }

    [Fact]
    public async Task Reservations_that_ended_long_ago_are_deleted_and_the_others_kept()
    {
        await Pool.Announce(Claims.Agent("a", slots: 9), CancellationToken.None);
        for (var i = 0; i < 4; i++) { _ = await Pool.Claim(Claims.Of("t" + i), CancellationToken.None); }
        for (var i = 0; i < 3; i++) { _ = await Pool.Release(Claims.Key("t" + i), null, CancellationToken.None); }
        await Database.Server.Execute("UPDATE resource_manager.reservation SET released_at = now() - interval '8 days' WHERE task_id IN ('t0', 't1')");
        using var purge = new ReservationPurge(Database.Server.Source, Fold(),
            Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System, NullLogger<ReservationPurge>.Instance);

        Assert.Equal(2, await purge.Purge(CancellationToken.None));

        Assert.Equal(2, await Database.Server.Read<long>("SELECT count(*) FROM resource_manager.reservation"));
    }

    [Fact]
    public async Task Movements_of_long_ago_become_one_balance_and_the_sum_stays_what_is_held()
    {
        await Pool.Announce(Claims.Agent("a", slots: 9, gpus: 2), CancellationToken.None);
        await Pool.Announce(Claims.Agent("b", slots: 9), CancellationToken.None);
        for (var i = 0; i < 6; i++) { _ = await Pool.Claim(Claims.Of("a" + i, gpus: i == 5 ? 1 : 0, pin: "a"), CancellationToken.None); }
        for (var i = 0; i < 4; i++) { _ = await Pool.Release(Claims.Key("a" + i), null, CancellationToken.None); }
        _ = await Pool.Claim(Claims.Of("b0", pin: "b"), CancellationToken.None);
        await Database.Server.Execute("UPDATE resource_manager.ledger SET at = at - interval '31 days'");
        _ = await Pool.Claim(Claims.Of("a6", pin: "a"), CancellationToken.None);

        Assert.Equal(9, await Fold().Run(CancellationToken.None));
        Assert.Equal(0, await Fold().Run(CancellationToken.None));

        await AssertAudited(Database.Server);
        Assert.Equal(3, await Database.Server.Read<long>("SELECT count(*) FROM resource_manager.ledger"));
        Assert.Equal(2, await Database.Server.Read<long>(
            "SELECT delta_slots FROM resource_manager.ledger WHERE agent_id = 'a' AND task_id = '' AND delta_gpus = 1"));
        _ = await Pool.Release(Claims.Key("a5"), null, CancellationToken.None);
    }

    [Fact]
    public async Task Run_times_are_known_to_an_instance_that_has_just_started()
    {
        await Pool.Announce(Claims.Agent("a", slots: 20), CancellationToken.None);
        for (var i = 0; i < Policy.RunTimes.Enough; i++) { _ = await Pool.Claim(Claims.Of("t" + i), CancellationToken.None); }
        await Database.Server.Execute("UPDATE resource_manager.reservation SET granted_at = now() - interval '100 s'");
        await using var before = Database.NewPool(new RecordingOutbox());
        for (var i = 0; i < Policy.RunTimes.Enough; i++)
        {
            _ = await before.Release(Claims.Key("t" + i), null, Contracts.Resources.AttemptOutcome.Succeeded, CancellationToken.None);
        }

        await using var started = Database.NewPool(new RecordingOutbox());
        _ = await started.Heartbeat("a", 1, [], CancellationToken.None);

        var known = (await started.Look(CancellationToken.None)).Scene.Rules.RunTimes.P90("data.analysis");
        Assert.InRange(known!.Value.TotalSeconds, 100, 130);
    }

    private LedgerFold Fold() => new(Database.Server.Source, Microsoft.Extensions.Options.Options.Create(Options));

    [Fact]
    public async Task A_round_of_many_is_one_commit()
    {
        await Pool.Announce(Claims.Agent("a", slots: 100), CancellationToken.None);
        var before = await Database.Server.Read<long>("SELECT version FROM resource_manager.pool");
        _ = await Pool.Claim(Claims.Of("1"), CancellationToken.None);

        Assert.Equal(before + 1, await Database.Server.Read<long>("SELECT version FROM resource_manager.pool"));
    }
}

/// <summary>The pool of an instance among others: every round reads.</summary>
public sealed class LookingPoolTests(LedgerDatabase database) : PostgresPoolTests(database)
{
    protected override ResourceManagerOptions Options => LineOptions(rememberMax: 0);
}

public abstract class PostgresPoolTests(LedgerDatabase database) : PreemptionConformance, IClassFixture<LedgerDatabase>,
    IAsyncLifetime
{
    private protected LedgerDatabase Database => database;

    protected abstract ResourceManagerOptions Options { get; }

    private readonly RecordingOutbox _outbox = new();
    private PostgresPool _pool = null!;

    protected override IPool Pool => _pool;

    public async Task InitializeAsync()
    {
        await database.Empty();
        _pool = database.NewPool(_outbox, Options);
    }

    public async Task DisposeAsync()
    {
        await _pool.DisposeAsync();
        await AssertAudited(database.Server);
    }

    protected override IReadOnlyList<object> SaidAbout(string task) => _outbox.About(task);

    protected override Task Silence(string agentId) => database.Server.Execute(
        $"UPDATE resource_manager.agent SET last_seen_at = now() - interval '1 minute' WHERE id = '{agentId}'; "
        + "UPDATE resource_manager.pool SET version = version + 1");

    [Fact]
    public async Task What_is_said_is_stored_with_the_change()
    {
        await Pool.Announce(Claims.Agent("a"), CancellationToken.None);
        _ = await Pool.Claim(Claims.Of("1"), CancellationToken.None);
        _ = await Pool.Claim(Claims.Of("2"), CancellationToken.None);
        _ = await Pool.Release(Claims.Key("1"), null, CancellationToken.None);

        Assert.Equal(1, await database.Server.Read<long>("SELECT count(*) FROM resource_manager.outbox"));
        Assert.Equal(0, await database.Server.Read<long>("SELECT count(*) FROM resource_manager.claim"));
    }

    [Fact]
    public async Task More_room_than_one_round_reads_is_filled_all_the_same()
    {
        await using var pool = database.NewPool(_outbox, new ResourceManagerOptions { HeadMax = 3, RememberMax = Options.RememberMax });
        _ = await Task.WhenAll(Enumerable.Range(0,
            20).Select(i => pool.Claim(Claims.Of("t" + i, enqueuedS: i), CancellationToken.None)));

        await pool.Announce(Claims.Agent("a", slots: 15), CancellationToken.None);

        Assert.Equal(15, Enumerable.Range(0, 15).Sum(i => _outbox.About("t" + i).Count));
        Assert.Equal(5, await database.Server.Read<long>("SELECT count(*) FROM resource_manager.claim"));
        Assert.Equal(5, (await pool.ReapSilent(TimeSpan.FromHours(1), CancellationToken.None)).Waiting);
    }

    [Fact]
    public async Task The_migration_has_every_column_of_the_model()
    {
        await using var db = new ResourceManagerDb(
            new DbContextOptionsBuilder<ResourceManagerDb>().UseNpgsql(database.Server.ConnectionString).Options);

        Assert.Empty(await db.Set<Allocations.AllocationSaga>().ToListAsync());
    }

    [Fact]
    public async Task The_database_refuses_an_overdraft_whatever_the_code_asks()
    {
        await Pool.Announce(Claims.Agent("a"), CancellationToken.None);

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() =>
            database.Server.Execute("UPDATE resource_manager.agent SET used_slots = 2 WHERE id = 'a'"));

        Assert.Equal(Npgsql.PostgresErrorCodes.CheckViolation, refused.SqlState);
    }

    [Fact]
    public async Task The_database_refuses_a_device_in_two_hands_whatever_the_code_asks()
    {
        await Pool.Announce(Claims.Agent("a", slots: 2, gpus: 1), CancellationToken.None);
        _ = await Grant(Claims.Of("1", gpus: 1));
        _ = await Grant(Claims.Of("2"));

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => database.Server.Execute(
            "INSERT INTO resource_manager.device_hold (agent_id, device_id, task_id, attempt) VALUES ('a', '0', '2', 1)"));

        Assert.Equal(Npgsql.PostgresErrorCodes.UniqueViolation, refused.SqlState);
    }

    /// <summary>Replays the ledger: dense sums, never overdrawn, and equal to the books and to what is held.</summary>
    internal static async Task AssertAudited(PostgresServer server)
    {
        Assert.Equal(0, await server.Read<long>("""
            SELECT count(*) FROM (
              SELECT used_after_slots AS used, used_after_memory_mib AS used_mib, cap_after_slots AS cap,
                  cap_after_memory_mib AS cap_mib,
                sum(delta_slots) OVER w AS slots, sum(delta_memory_mib) OVER w AS mib
              FROM resource_manager.ledger WINDOW w AS (PARTITION BY agent_id ORDER BY seq)) r
            WHERE used <> slots OR used_mib <> mib OR used > cap OR used_mib > cap_mib OR used < 0
            """));
        Assert.Equal(0, await server.Read<long>("""
            SELECT count(*) FROM resource_manager.agent a
            WHERE used_slots <> (SELECT coalesce(sum(slots),
                0) FROM resource_manager.reservation WHERE agent_id = a.id AND released_at IS NULL)
               OR used_slots <> (SELECT coalesce(sum(delta_slots),
                   0) FROM resource_manager.ledger WHERE agent_id = a.id)
            """));
        // Each device lies in the hand of the reservation that names it, and in no other.
        Assert.Equal(0, await server.Read<long>("""
            SELECT count(*) FROM resource_manager.device_hold h
            FULL JOIN (SELECT agent_id, d AS device_id, task_id, attempt FROM resource_manager.reservation,
                         string_to_table(nullif(gpu_ids, ''), ',') d WHERE released_at IS NULL) r
              USING (agent_id, device_id, task_id, attempt)
            WHERE h.device_id IS NULL OR r.device_id IS NULL
            """));
    }
}

using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Persistence;
using A2A.Micro.StateSync.Shared;
using A2A.Micro.StateSync.States;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace A2A.Micro.StateSync.Tests;

/// <summary>What agents share: one behaviour of both stores (requirement 34).</summary>
[Trait("Requirement", "34")]
public abstract class SharedStoreSuite
{
    private protected abstract ISharedStore Shared { get; }

    [Fact]
    public async Task Versions_are_dense_and_an_older_one_changes_nothing()
    {
        Assert.Equal((true, 1), Of(await Shared.Update(Update("t", "n", "1", expected: 0), default)));
        Assert.Equal((true, 2), Of(await Shared.Update(Update("t", "n", "2.0", expected: 1), default)));
        var refused = await Shared.Update(Update("t", "n", "3", expected: 1), default);
        Assert.Equal((false, 2, "2.0"), (refused.Applied, (int)refused.State.Version, refused.State.Value!.Value.GetRawText()));
        Assert.Equal((true, 3), Of(await Shared.Update(Update("t", "n", "4", expected: null), default)));
    }

    [Fact]
    public async Task The_same_update_again_is_answered_as_it_was_also_after_others()
    {
        var first = Update("again", "n", "1", expected: 0);
        Assert.Equal((true, 1), Of(await Shared.Update(first, default)));
        Assert.Equal((true, 1), Of(await Shared.Update(first, default)));
        Assert.Equal((true, 2), Of(await Shared.Update(Update("again", "n", "2", expected: 1), default)));
        Assert.Equal((true, 1), Of(await Shared.Update(first, default)));
        Assert.Equal(2, Assert.Single(await Read("again", "n")).Version);
    }

    [Fact]
    public async Task Of_many_writers_on_one_version_one_wins_and_no_step_gets_lost()
    {
        var steps = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var done = 0; done < 10;)
            {
                var read = await Read("race", "count");
                var (value, version) = read is [var state] ? (state.Value!.Value.GetInt32(), state.Version) : (0, 0L);
                if ((await Shared.Update(Update("race", "count", $"{value + 1}", version), default)).Applied) { done++; }
            }

            return 10;
        }));
        var last = Assert.Single(await Read("race", "count"));
        Assert.Equal((steps.Sum(), steps.Sum()), (last.Value!.Value.GetInt32(), (int)last.Version));
    }

    [Fact]
    public async Task A_value_that_is_taken_away_is_not_read_and_its_version_goes_on()
    {
        _ = await Shared.Update(Update("gone", "n", "1", expected: 0), default);
        Assert.Equal((true, 2), Of(await Shared.Update(Update("gone", "n", null, expected: 1), default)));
        Assert.Empty(await Read("gone", null));
        Assert.Equal((true, 3), Of(await Shared.Update(Update("gone", "n", "3", expected: 2), default)));
    }

    [Fact]
    public async Task A_task_has_so_many_names_and_no_more()
    {
        for (var i = 0; i < SharedState.NamesMax; i++) { Assert.True((await Shared.Update(Update("many", $"n{i}", "1", 0), default)).Applied); }
        var refused = await Shared.Update(Update("many", "one-more", "1", 0), default);
        Assert.Equal((false, "PAYLOAD_TOO_LARGE"), (refused.Applied, refused.Error?.Code));
        Assert.Equal(SharedState.NamesMax, (await Read("many", null)).Count);
    }

    [Fact]
    public async Task What_belongs_to_no_task_goes_when_it_is_old()
    {
        _ = await Shared.Update(Update("orphan", "n", "1", 0), default);
        Assert.Equal(0, await Shared.DropOrphans(Now.AddMinutes(-1), 10, default));
        Assert.NotEmpty(await Read("orphan", null));
        Assert.NotEqual(0, await Shared.DropOrphans(Now.AddMinutes(1), 1000, default));
        Assert.Empty(await Read("orphan", null));
    }

    [Fact]
    public void Whatever_is_tried_versions_are_dense_and_repeats_change_nothing() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll<byte[]>(Try));

    private static void Try(byte[] tries)
    {
        var (row, made, ids) = ((SharedRow?)null, 0L, new Guid[4]);
        for (var i = 0; i < ids.Length; i++) { ids[i] = Guid.CreateVersion7(Now.AddSeconds(i)); }
        foreach (var one in tries)
        {
            var update = Update("p", "n", $"{one}", expected: one % 3 == 0 ? null : one % 5) with { UpdateId = ids[one % ids.Length] };
            var isRepeat = row?.Recent.Contains(update.UpdateId) == true;
            var (after, answer) = SharedRules.Decide(row, 0, update, Now);
            var applies = !isRepeat && (update.ExpectedVersion is null || update.ExpectedVersion == made);
            if (applies) { made++; }
            Assert.Equal(applies || isRepeat, answer.Applied);
            Assert.Equal(made, after?.State.Version ?? 0);
            if (!applies) { Assert.Same(row, after); }
            row = after;
        }
    }

    private protected static DateTimeOffset Now => Life.Noon;

    [Fact]
    public async Task An_agent_touches_values_of_tasks_of_the_tenant_that_it_works_for_and_of_no_other()
    {
        await Works("acme@job", "a-1");
        await Works("plain", "a-2");
        Assert.True((await Shared.Update(By("a-1", "acme@job"), default)).Applied);
        // Also of one that is not known yet, by its own.
        Assert.True((await Shared.Update(By("a-1", "acme@later", "acme@job"), default)).Applied);
        Assert.Null((await Shared.Read(new ReadState { TaskId = "acme@later", AgentId = "a-1", WorkingOn = "acme@job" }, default)).Error);
        foreach (var no in (UpdateState[])
            [
                By("a-2", "acme@job"), By("a-2", "acme@job", "plain"), By("a-2", "acme@job", "acme@job"), By("a-1", "plain", "acme@job"),
                By("a-1", "acme@later"), By("a-3", "globex@x", "globex@nothing"),
            ])
        {
            var answer = await Shared.Update(no, default);
            Assert.Equal((false, "FORBIDDEN"), (answer.Applied, answer.Error?.Code));
            var read = await Shared.Read(new ReadState { TaskId = no.TaskId, AgentId = no.AgentId, WorkingOn = no.WorkingOn }, default);
            Assert.Equal((0, "FORBIDDEN"), (read.States.Count, read.Error?.Code));
        }

        Assert.Equal("a-1", Assert.Single(await Read("acme@job", null)).AgentId);
    }

    private protected abstract IStateStore States { get; }

    private Task Works(string taskId, string agentId) => States.Apply(new Life(taskId).Submit().Queue().Offer(agentId).Inputs, default);

    private async Task<IReadOnlyList<SharedState>> Read(string taskId, string? name) =>
        (await Shared.Read(new ReadState { TaskId = taskId, Name = name }, default)).States;

    private static UpdateState By(string agentId, string taskId, string? workingOn = null) =>
        Update(taskId, "n", "1", expected: null) with { AgentId = agentId, WorkingOn = workingOn };

    private static UpdateState Update(string taskId, string name, string? value, long? expected) => new()
    {
        TaskId = taskId,
        Name = name,
        UpdateId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
        ExpectedVersion = expected,
        Value = value is null ? null : JsonElement.Parse(value),
    };

    private static (bool, int) Of(StateUpdated answer) => (answer.Applied, (int)answer.State.Version);
}

public sealed class InMemorySharedStoreTests : SharedStoreSuite
{
    private readonly InMemoryStateStore _states = new(new ManualClock());
    private readonly InMemorySharedStore _store;

    public InMemorySharedStoreTests() => _store = new InMemorySharedStore(_states, new ManualClock());

    private protected override ISharedStore Shared => _store;

    private protected override IStateStore States => _states;
}

public sealed class PostgresSharedStoreTests(PostgresServer server) : SharedStoreSuite, IClassFixture<PostgresServer>, IAsyncLifetime
{
    private ServiceProvider? _services;

    private protected override ISharedStore Shared => _services!.GetRequiredService<ISharedStore>();

    private protected override IStateStore States => _services!.GetRequiredService<IStateStore>();

    public async Task InitializeAsync()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [new KeyValuePair<string, string?>("ConnectionStrings:Postgres", server.ConnectionString)]).Build();
        _services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(new ManualClock())
            .AddModuleDb<StateSyncDb>(StoreKind.Postgres, configuration).AddSingleton<ISharedStore, PostgresSharedStore>()
            .AddSingleton<IStateStore, PostgresStateStore>().BuildServiceProvider();
        foreach (var migrator in _services.GetServices<IHostedService>().OfType<IHostedLifecycleService>()) { await migrator.StartingAsync(default); }
        await server.Execute("truncate state_sync.shared_state, state_sync.task_state, state_sync.state_change");
    }

    public async Task DisposeAsync() => await _services!.DisposeAsync();
}

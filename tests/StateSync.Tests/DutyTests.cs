using System.Diagnostics.Metrics;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.StateSync.States;
using A2A.Micro.StateSync.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.Tests;

[Trait("Requirement", "2")]
public sealed class DutyTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly InMemoryStateStore _store;
    private readonly Asked _asked = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<StateSyncMetrics>().BuildServiceProvider();
    private readonly Dictionary<string, double> _measured = [];
    private readonly MeterListener _meters = new();

    public DutyTests()
    {
        _store = new InMemoryStateStore(_clock);
        var own = _services.GetRequiredService<IMeterFactory>();
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, own)) { listener.EnableMeasurementEvents(instrument); }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            _measured[instrument.Name] = instrument is ObservableGauge<long> ? value : _measured.GetValueOrDefault(instrument.Name) + value);
        _meters.Start();
    }

    private StateSyncMetrics Metrics => _services.GetRequiredService<StateSyncMetrics>();

    public void Dispose()
    {
        _meters.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task The_verifier_is_content_with_what_the_rules_made()
    {
        await Apply(Life.Running("a").Report(0.5).Complete());
        await Apply(AnyLife.From([9, 1, 1, 200, 201, 2, 1, 1], "b"));

        Assert.Equal(0, await Verifier(_store).Verify(default));
    }

    [Fact]
    public async Task The_verifier_finds_a_document_that_its_history_does_not_lead_to()
    {
        await Apply(Life.Running("a").Report(0.5).Complete());
        await Apply(Life.Running("b"));
        var planted = new Altered(_store, document =>
            document.TaskId == "a" ? document with { State = TaskState.Failed } : document);

        Assert.Equal(1, await Verifier(planted).Verify(default));
        Assert.Equal(1, _measured["a2a.state.verification_failures"]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void A_missing_version_is_a_mismatch(int missing)
    {
        var told = new Teller();
        told.Tell(Life.Running().Report(0.5));

        Assert.NotNull(HistoryRules.Mismatch(told.Document, [.. told.Changes.Where(change => change.Version != missing)]));
        Assert.Null(HistoryRules.Mismatch(told.Document, told.Changes));
    }

    [Fact]
    public async Task A_gap_is_measured_after_half_a_minute_and_old_reports_are_dropped()
    {
        var life = Life.Running("gap").Report(0.5);
        await _store.Apply([life.Inputs[0]], default);
        await _store.Apply([life.Inputs[3]], default);
        await _store.Apply([life.Inputs[4]], default);
        using var sweeper = new HeldSweeper(_store, _store, new StepRequests(_asked, Metrics, _clock), Metrics,
            Options.Create(new StateSyncOptions()), _clock, NullLogger<HeldSweeper>.Instance);

        Assert.Equal(0, await Gaps(sweeper));
        Assert.Empty(_asked.Steps);
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(1, await Gaps(sweeper));
        var asked = Assert.Single(_asked.Steps);
        Assert.Equal(("gap", 2L, 3L), (asked.TaskId, asked.From, asked.To));
        Assert.True(asked.Since < asked.Until);
        Assert.DoesNotContain("a2a.stale.messages", _measured.Keys);
        _clock.Advance(TimeSpan.FromMinutes(5));
        await sweeper.Sweep(default);
        Assert.Equal(1, _measured["a2a.stale.messages"]);
        foreach (var step in life.Inputs.Take(4)) { await _store.Apply([step], default); }
        Assert.Equal(0, await Gaps(sweeper));
    }

    [Fact]
    public async Task The_Scheduler_is_asked_about_tasks_that_do_not_move_each_in_its_turn_and_about_no_other()
    {
        await Apply(Life.Running("ended").Complete());
        foreach (var task in new[] { "a", "b", "c" }) { await Apply(Life.Running(task)); }
        var options = Options.Create(new StateSyncOptions { VerifyBatch = 2 });
        using var sweeper = new StaleSweeper(_store, new StepRequests(_asked, Metrics, _clock), options, _clock, NullLogger<StaleSweeper>.Instance);

        Assert.Equal(0, await sweeper.Sweep(default));
        _clock.Advance(options.Value.StaleAfter + TimeSpan.FromSeconds(1));
        await Apply(Life.Running("moved"));
        var asked = new List<int>();
        for (var round = 0; round < 3; round++) { asked.Add(await sweeper.Sweep(default)); }
        Assert.Equal([2, 1, 2], asked);
        Assert.Equal([("a", 5L, null), ("b", 5L, null), ("c", 5L, (long?)null)],
            _asked.Steps.Take(3).Select(step => (step.TaskId, step.From, step.To)).Order());
    }

    [Fact]
    public void A_document_is_brought_back_to_its_history_as_a_new_version()
    {
        var told = new Teller();
        told.Tell(Life.Running().Report(0.5));
        var wrong = told.Document with { State = TaskState.Failed, Progress = 0.9, AgentId = "nobody" };

        var (document, changes) = HistoryRules.Mend(wrong, told.Changes, Life.Noon)!.Value;

        Assert.Equal((TaskState.Running, 0.5, "agent-1", told.Document.Version + 1), (document.State, document.Progress, document.AgentId, document.Version));
        Assert.Equal(DocumentRules.Repair, Assert.Single(changes).Kind);
        Assert.Null(HistoryRules.Mismatch(document, [.. told.Changes, .. changes]));
        Assert.Null(HistoryRules.Mend(told.Document, told.Changes, Life.Noon));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_version_that_is_missing_is_filled_in(int missing)
    {
        var told = new Teller();
        told.Tell(Life.Running().Report(0.5));
        TaskChange[] left = [.. told.Changes.Where(change => change.Version != missing)];

        var (document, changes) = HistoryRules.Mend(told.Document, left, Life.Noon)!.Value;

        Assert.Equal([missing, 6], changes.Select(change => (int)change.Version));
        Assert.Null(HistoryRules.Mismatch(document, [.. left.Concat(changes).OrderBy(change => change.Version)]));
    }

    private async Task<double> Gaps(HeldSweeper sweeper)
    {
        await sweeper.Sweep(default);
        _meters.RecordObservableInstruments();
        return _measured["a2a.state.gaps"];
    }

    private async Task Apply(Life life)
    {
        foreach (var input in life.Inputs) { await _store.Apply([input], default); }
    }

    private StateVerifier Verifier(IStateQueries queries) =>
        new(queries, _store, new Silent(), Metrics, Options.Create(new StateSyncOptions()), _clock, NullLogger<StateVerifier>.Instance);

    private sealed class Asked : ILane
    {
        public List<StepsWanted> Steps { get; } = [];

        public Task Send(IReadOnlyList<Outgoing> messages, CancellationToken cancellation)
        {
            Steps.AddRange(messages.Select(one => (StepsWanted)one.Message));
            Assert.All(messages, one => Assert.Equal(Endpoints.Address(Endpoints.Repairs), one.Destination));
            return Task.CompletedTask;
        }
    }

    private sealed class Altered(IStateQueries inner, Func<TaskDocument, TaskDocument> alter) : IStateQueries
    {
        public async Task<TaskDocument?> Find(string taskId, CancellationToken cancellation) =>
            await inner.Find(taskId, cancellation) is { } document ? alter(document) : null;

        public async Task<IReadOnlyList<TaskDocument>> Find(IReadOnlyList<string> taskIds, CancellationToken cancellation) =>
            [.. (await inner.Find(taskIds, cancellation)).Select(alter)];

        public Task<IReadOnlyList<TaskDocument>> Heads(IReadOnlyList<string> taskIds, CancellationToken cancellation) => Find(taskIds, cancellation);

        public Task<IReadOnlyList<TaskChange>> History(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
            inner.History(taskId, afterVersion, limit, cancellation);

        public Task<IReadOnlyList<TaskChange>> Partials(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
            inner.Partials(taskId, afterVersion, limit, cancellation);

        public Task<TaskPage> List(TaskFilter filter, CancellationToken cancellation) => inner.List(filter, cancellation);

        public Task<TaskTree?> Tree(string taskId, int limit, CancellationToken cancellation) => inner.Tree(taskId, limit, cancellation);
    }
}

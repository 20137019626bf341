using System.Diagnostics.Metrics;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.StateSync.States;
using A2A.Micro.StateSync.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.Tests;

public sealed class DutyTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly InMemoryStateStore _store;
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
        var sweeper = new HeldSweeper(
            _store, Metrics, Options.Create(new StateSyncOptions()), _clock, NullLogger<HeldSweeper>.Instance);

        Assert.Equal(0, await Gaps(sweeper));
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(1, await Gaps(sweeper));
        Assert.DoesNotContain("a2a.stale.messages", _measured.Keys);
        _clock.Advance(TimeSpan.FromMinutes(5));
        await sweeper.Sweep(default);
        Assert.Equal(1, _measured["a2a.stale.messages"]);
        foreach (var step in life.Inputs.Take(4)) { await _store.Apply([step], default); }
        Assert.Equal(0, await Gaps(sweeper));
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
        new(queries, Metrics, Options.Create(new StateSyncOptions()), _clock, NullLogger<StateVerifier>.Instance);

    private sealed class Altered(IStateQueries inner, Func<TaskDocument, TaskDocument> alter) : IStateQueries
    {
        public async Task<TaskDocument?> Find(string taskId, CancellationToken cancellation) =>
            await inner.Find(taskId, cancellation) is { } document ? alter(document) : null;

        public async Task<IReadOnlyList<TaskDocument>> Find(IReadOnlyList<string> taskIds, CancellationToken cancellation) =>
            [.. (await inner.Find(taskIds, cancellation)).Select(alter)];

        public Task<IReadOnlyList<TaskChange>> History(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
            inner.History(taskId, afterVersion, limit, cancellation);

        public Task<IReadOnlyList<TaskChange>> Partials(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
            inner.Partials(taskId, afterVersion, limit, cancellation);

        public Task<TaskPage> List(TaskFilter filter, CancellationToken cancellation) => inner.List(filter, cancellation);

        public Task<TaskTree?> Tree(string taskId, int limit, CancellationToken cancellation) => inner.Tree(taskId, limit, cancellation);
    }
}

using System.Diagnostics.Metrics;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.StateSync.States;

namespace A2A.Micro.StateSync;

/// <summary>What StateSync counts (conventions C10).</summary>
public sealed class StateSyncMetrics
{
    /// <summary>The meter.</summary>
    public const string MeterName = "A2A.StateSync";

    private readonly Counter<long> _changes;
    private readonly Counter<long> _stale;
    private readonly Counter<long> _verificationFailures;
    private readonly Counter<long> _repairs;
    private readonly Counter<long> _stepsAsked;
    private readonly Histogram<double> _lag;
    private readonly Counter<long> _events;
    private long _gaps;

    /// <summary>The instruments of one host.</summary>
    public StateSyncMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _changes = meter.CreateCounter<long>(
            "a2a.state.changes", description: "New versions of task documents, by kind");
        _stale = meter.CreateCounter<long>(
            "a2a.stale.messages", description: "Messages that changed nothing, by reason");
        _verificationFailures = meter.CreateCounter<long>(
            "a2a.state.verification_failures", description: "Documents that differ from their history");
        _repairs = meter.CreateCounter<long>("a2a.state.repairs", description: "Documents that differ from their history, by result: mended, impossible");
        _stepsAsked = meter.CreateCounter<long>("a2a.state.steps_asked", description: "Questions for steps of the Scheduler that have not come");
        _events = meter.CreateCounter<long>("a2a.events.published", "{event}", "Task events that somebody takes, by topic");
        _lag = meter.CreateHistogram<double>(
            "a2a.state_sync.lag", "s", "From the Scheduler's decision to the public document");
        _ = meter.CreateObservableGauge("a2a.state.gaps", () => Interlocked.Read(ref _gaps),
            description: "Tasks whose next step has been missing for too long, at the last sweep");
    }

    /// <summary>A new version.</summary>
    public void Changed(string kind) => _changes.Add(1, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>Messages that changed nothing.</summary>
    public void Refused(RefusalKind kind, int count = 1) =>
        _stale.Add(count, new KeyValuePair<string, object?>("kind", kind.Word()));

    /// <summary>How old the Scheduler's decision was when it became public.</summary>
    public void Applied(TimeSpan age) => _lag.Record(Math.Max(0, age.TotalSeconds));

    /// <summary>An event went out and somebody took it.</summary>
    public void EventPublished(string topic) => _events.Add(1, new KeyValuePair<string, object?>("topic", topic));

    /// <summary>How many tasks have a gap now.</summary>
    public void Gaps(int count) => Interlocked.Exchange(ref _gaps, count);

    /// <summary>A document differs from its history.</summary>
    public void VerificationFailed() => _verificationFailures.Add(1);

    /// <summary>A document that differs was mended, or could not be.</summary>
    public void Repaired(bool done) => _repairs.Add(1, new KeyValuePair<string, object?>("result", done ? "mended" : "impossible"));

    /// <summary>The Scheduler was asked for steps.</summary>
    public void StepsAsked() => _stepsAsked.Add(1);
}

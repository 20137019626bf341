using System.Diagnostics.Metrics;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.DeadLetters;
using A2A.Micro.Gateway.Tasks;

namespace A2A.Micro.Gateway;

/// <summary>What the Gateway counts; meter <c>A2A.Gateway</c>.</summary>
public sealed class GatewayMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "A2A.Gateway";

    private readonly Counter<long> _submitted;
    private readonly Counter<long> _repeats;
    private readonly UpDownCounter<long> _streams;
    private readonly Counter<long> _overflows;
    private readonly Counter<long> _letters;
    private readonly Counter<long> _limited;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _refused;
    private volatile IReadOnlyList<LetterCount> _counts = [];
    private long _webhooksPending;
    private double _webhooksOldest;

    /// <summary>The instruments.</summary>
    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _submitted = meter.CreateCounter<long>("a2a.tasks.submitted", "{task}", "Submissions that were answered 202.");
        _repeats = meter.CreateCounter<long>("a2a.idempotent_replays", "{request}", "Submissions that were here before.");
        _streams = meter.CreateUpDownCounter<long>("a2a.sse.clients", "{client}", "Open event streams.");
        _overflows = meter.CreateCounter<long>("a2a.sse.overflows", "{stream}", "Streams that were read too slowly and had to look at the list again.");
        _letters = meter.CreateCounter<long>("a2a.dead_letter_steps", "{letter}", "Dead letters by what was done: parked, replayed, fits, fits_not.");
        _limited = meter.CreateCounter<long>("a2a.requests.limited", "{request}", "Requests that were answered 429 because their caller sends too many.");
        _refused = meter.CreateCounter<long>("a2a.requests.refused", "{request}", "Requests without a valid credential, or without the right to.");
        _deliveries = meter.CreateCounter<long>("a2a.webhook.deliveries", "{attempt}", "Attempts by how they went: delivered, retried, failed.");
        _ = meter.CreateObservableGauge("a2a.webhook.pending", () => Interlocked.Read(ref _webhooksPending), "{delivery}", "Deliveries to come.");
        _ = meter.CreateObservableGauge("a2a.webhook.oldest", () => Volatile.Read(ref _webhooksOldest), "s", "For how long the first one that is due waits.");
        _ = meter.CreateObservableGauge("a2a.dead_letters", Letters, "{letter}", "Dead letters that are kept, by queue and state.");
    }

    /// <summary>A submission was answered.</summary>
    public void Count(Acceptance acceptance, string taskType)
    {
        switch (acceptance)
        {
            case Acceptance.Taken:
                _submitted.Add(1, new KeyValuePair<string, object?>("type", taskType));
                break;
            case Acceptance.Repeated or Acceptance.Replayed:
                _repeats.Add(1);
                break;
            default:
                break;
        }
    }

    /// <summary>Something was done with dead letters of a queue.</summary>
    public void CountLetter(string step, string queue, long count)
    {
        if (count > 0) { _letters.Add(count, new("step", step), new("queue", queue)); }
    }

    /// <summary>An attempt to a webhook went so.</summary>
    public void CountDelivery(string result) => _deliveries.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>What is to come for webhooks, and for how many seconds the first one that is due waits.</summary>
    public void SetWebhooks(long pending, double oldest)
    {
        _ = Interlocked.Exchange(ref _webhooksPending, pending);
        Volatile.Write(ref _webhooksOldest, oldest);
    }

    /// <summary>A caller sends too many requests.</summary>
    public void CountLimited() => _limited.Add(1);

    /// <summary>A request was refused because of who asked.</summary>
    public void CountRefused(string why) => _refused.Add(1, new KeyValuePair<string, object?>("why", why));

    /// <summary>What lies among the dead letters.</summary>
    public void SetLetters(IReadOnlyList<LetterCount> counts) => _counts = counts;

    private IEnumerable<Measurement<long>> Letters() => _counts.Select(count => new Measurement<long>(
        count.Count, new KeyValuePair<string, object?>("queue", count.Queue), new KeyValuePair<string, object?>("state", count.State.Word())));

    /// <summary>A stream began (+1) or ended (-1).</summary>
    public void CountStream(int change) => _streams.Add(change);

    /// <summary>A stream was read too slowly.</summary>
    public void CountOverflow() => _overflows.Add(1);
}

using System.Diagnostics.Metrics;
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

    /// <summary>The instruments.</summary>
    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _submitted = meter.CreateCounter<long>("a2a.tasks.submitted", "{task}", "Submissions that were answered 202.");
        _repeats = meter.CreateCounter<long>("a2a.idempotent_replays", "{request}", "Submissions that were here before.");
        _streams = meter.CreateUpDownCounter<long>("a2a.sse.clients", "{client}", "Open event streams.");
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

    /// <summary>A stream began (+1) or ended (-1).</summary>
    public void CountStream(int change) => _streams.Add(change);
}

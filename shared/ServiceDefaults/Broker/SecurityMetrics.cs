using System.Diagnostics.Metrics;

namespace A2A.Micro.ServiceDefaults.Broker;

/// <summary>How often somebody was refused at the bus.</summary>
public sealed class SecurityMetrics : IDisposable
{
    private readonly Meter _meter = new("A2A.Micro.Security");
    private readonly Counter<long> _refused;

    /// <summary>Nobody yet.</summary>
    public SecurityMetrics() => _refused = _meter.CreateCounter<long>("a2a.security.refused", "{message}", "Messages that were refused before they were read");

    /// <summary>Counts one.</summary>
    public void Refused(string queue, string reason) =>
        _refused.Add(1, new KeyValuePair<string, object?>("queue", queue), new KeyValuePair<string, object?>("reason", reason));

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();
}

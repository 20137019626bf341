using System.Diagnostics;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Passes traces on and nothing else: inbound <c>baggage</c> is a stranger's text that would travel with every message of the task,
/// and a long <c>tracestate</c> likewise (reliability 1.1).
/// </summary>
internal sealed class NoBaggage(DistributedContextPropagator inner) : DistributedContextPropagator
{
    public override IReadOnlyCollection<string> Fields { get; } = [TraceHeaders.TraceParent, TraceHeaders.TraceState];

    /// <summary>Takes the place of the process's propagator, once.</summary>
    public static void Install()
    {
        if (Current is not NoBaggage) { Current = new NoBaggage(Current); }
    }

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
        inner.Inject(activity, carrier, setter is null ? null : (target, name, value) =>
        {
            if (IsTrace(name)) { setter(target, name, value); }
        });

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);
        if (traceState?.Length > TraceHeaders.TraceStateMax) { traceState = null; }
    }

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;

    private static bool IsTrace(string name) => name is TraceHeaders.TraceParent or TraceHeaders.TraceState;
}

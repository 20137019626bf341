using System.Diagnostics;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>Picks up a trace where a stored, grouped or waiting message left it.</summary>
internal static class Traces
{
    private static readonly ActivitySource Source = new("A2A.Lanes");

    /// <summary>A span under the given context; null when there is none, or nobody listens.</summary>
    public static Activity? Continue(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var origin)
            ? Source.StartActivity("a2a.send", ActivityKind.Internal, origin)
            : null;

    /// <summary>The same, unless the current span belongs to that trace already.</summary>
    public static Activity? Return(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var origin) && Activity.Current?.TraceId != origin.TraceId
            ? Source.StartActivity("a2a.send", ActivityKind.Internal, origin)
            : null;
}

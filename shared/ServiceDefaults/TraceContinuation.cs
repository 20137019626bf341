using System.Diagnostics;
using MassTransit;
using MassTransit.Logging;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Continues the trace of a sender that speaks W3C only: with <c>MT-Activity-Id</c> MassTransit has done it already; without it
/// the consumer would start a trace of its own.
/// </summary>
internal sealed class TraceContinuation : IFilter<ConsumeContext>
{
    private static readonly ActivitySource Source = new(Telemetry.MessagingSource);

    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        using var span = Continue(context);
        await next.Send(context).ConfigureAwait(false);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("trace-continuation");

    private static Activity? Continue(ConsumeContext context)
    {
        var headers = context.Headers;
        if (headers.TryGetHeader(DiagnosticHeaders.ActivityId, out _)) { return null; }
        if (headers.Get<string>(TraceHeaders.TraceParent) is not { Length: <= 64 } parent) { return null; }
        var state = headers.Get<string>(TraceHeaders.TraceState) is { Length: <= TraceHeaders.TraceStateMax } text ? text : null;
        if (!ActivityContext.TryParse(parent, state, isRemote: true, out var remote)) { return null; }
        var name = context.ReceiveContext.InputAddress.AbsolutePath.Trim('/') + " process";
        var span = Source.StartActivity(name, ActivityKind.Consumer, remote);
        return span?.SetTag("messaging.operation.name", "process").SetTag("messaging.operation.type", "process");
    }
}

using System.Diagnostics;
using MassTransit;
using MassTransit.Logging;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Writes the trace of a message the way everybody reads it, W3C <c>traceparent</c> and <c>tracestate</c>, beside MassTransit's own
/// <c>MT-Activity-Id</c>, so that senders and agents of other platforms join (conventions C1). Runs after MassTransit has started
/// the span of the send, so both headers name the same span.
/// </summary>
public sealed class TraceHeaders : ISendObserver, IPublishObserver
{
    /// <summary>W3C Trace Context, section 3.2.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>W3C Trace Context, section 3.3.</summary>
    public const string TraceState = "tracestate";

    /// <summary>Longest trace state that is passed on, in characters (W3C Trace Context, section 3.3.1.5).</summary>
    public const int TraceStateMax = 512;

    /// <summary>Longest text in any other header: all headers of a message must fit one frame of the broker.</summary>
    public const int HeaderMax = 4096;

    /// <inheritdoc />
    public Task PreSend<T>(SendContext<T> context) where T : class => Write(context);

    /// <inheritdoc />
    public Task PrePublish<T>(PublishContext<T> context) where T : class => Write(context);

    /// <inheritdoc />
    public Task PostSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

    /// <inheritdoc />
    public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    /// <inheritdoc />
    public Task PostPublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

    /// <inheritdoc />
    public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    private static Task Write(SendContext context)
    {
        Cap(context.Headers);
        var span = Activity.Current;
        var id = context.Headers.TryGetHeader(DiagnosticHeaders.ActivityId, out var own) && own is string text ? text : span?.Id;
        if (id is not null && ActivityContext.TryParse(id, null, out _))
        {
            context.Headers.Set(TraceParent, id);
            if (span is { TraceStateString: { Length: > 0 and <= TraceStateMax } state } && id.Contains(span.TraceId.ToHexString()))
            {
                context.Headers.Set(TraceState, state);
            }
        }

        return Task.CompletedTask;
    }

    private static void Cap(SendHeaders headers)
    {
        List<HeaderValue>? long_ = null;
        foreach (var header in headers.GetAll())
        {
            if (header.Value is string { Length: > HeaderMax }) { (long_ ??= []).Add(new HeaderValue(header.Key, header.Value)); }
        }

        foreach (var header in long_ ?? []) { headers.Set(header.Key, ((string)header.Value)[..HeaderMax]); }
    }
}

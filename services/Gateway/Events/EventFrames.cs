using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace A2A.Micro.Gateway.Events;

/// <summary>Writes the frames of one event stream (WHATWG HTML, server-sent events) and knows how long it has been silent.</summary>
internal sealed class EventFrames(Stream body, TimeProvider clock)
{
    private static readonly byte[] Opening = "retry: 2000\n\n"u8.ToArray();
    private static readonly byte[] Heartbeat = ":hb\n\n"u8.ToArray();

    private long _last = clock.GetTimestamp();

    /// <summary>Time since the last frame.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(_last);

    /// <summary>Begins the answer, and tells the reader how soon to come back after a break.</summary>
    public static async Task<EventFrames> Begin(HttpContext http, TimeProvider clock)
    {
        var response = http.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var frames = new EventFrames(response.Body, clock);
        await frames.Write(Opening, http.RequestAborted).ConfigureAwait(false);
        return frames;
    }

    /// <summary>A comment: readers ignore it, but nothing in between takes the stream for dead.</summary>
    public Task Beat(CancellationToken cancellation) => Write(Heartbeat, cancellation);

    /// <summary>One event. JSON escapes line ends, so the data is always one line.</summary>
    public Task Say<T>(string name, long id, T data, CancellationToken cancellation) =>
        Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"id: {id}\nevent: {name}\ndata: {JsonSerializer.Serialize(data, WireJson.Options)}\n\n")), cancellation);

    /// <summary>Several events whose frames are written already but for their ids; they travel together.</summary>
    public Task Say(IEnumerable<(long Id, ReadOnlyMemory<byte> Frame)> events, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        foreach (var (id, frame) in events)
        {
            buffer.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {id}\n")));
            buffer.Write(frame.Span);
        }

        return Write(buffer.WrittenMemory, cancellation);
    }

    private async Task Write(ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        await body.WriteAsync(frame, cancellation).ConfigureAwait(false);
        await body.FlushAsync(cancellation).ConfigureAwait(false);
        _last = clock.GetTimestamp();
    }
}

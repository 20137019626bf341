using System.Globalization;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Events;

/// <summary>Writes the frames of one event stream (WHATWG HTML, server-sent events) and knows how long it has been silent.</summary>
internal sealed class EventFrames(Stream body, TimeProvider clock)
{
    private static readonly byte[] Opening = "retry: 2000\n\n"u8.ToArray();
    private static readonly byte[] Heartbeat = ":hb\n\n"u8.ToArray();

    private long _last = clock.GetTimestamp();

    /// <summary>Time since the last frame.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(_last);

    /// <summary>Tells the reader how soon to come back after a break.</summary>
    public Task Begin(CancellationToken cancellation) => Write(Opening, cancellation);

    /// <summary>A comment: readers ignore it, but nothing in between takes the stream for dead.</summary>
    public Task Beat(CancellationToken cancellation) => Write(Heartbeat, cancellation);

    /// <summary>One event. JSON escapes line ends, so the data is always one line.</summary>
    public Task Say<T>(string name, long id, T data, CancellationToken cancellation) =>
        Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"id: {id}\nevent: {name}\ndata: {JsonSerializer.Serialize(data, WireJson.Options)}\n\n")), cancellation);

    private async Task Write(byte[] frame, CancellationToken cancellation)
    {
        await body.WriteAsync(frame, cancellation).ConfigureAwait(false);
        await body.FlushAsync(cancellation).ConfigureAwait(false);
        _last = clock.GetTimestamp();
    }
}

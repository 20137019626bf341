using System.Collections.Concurrent;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using MassTransit;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>
/// Messages for the same endpoint that are ready while the last send to it is under way travel as one <see cref="Bulk"/>. A message that
/// finds the lane idle goes alone and at once; nothing is ever held back to wait for company. A broker's work is per message, not
/// per byte, so under load this is where most of it disappears.
/// </summary>
public sealed class BulkLane(IBus bus, TimeProvider clock) : ILane, IAsyncDisposable
{
    private const int EntriesMax = 200;

    // A message near the broker's frame and the receiver's patience goes alone: results may have a mebibyte.
    private const int EntryBytesMax = 32 * 1024;

    private readonly ConcurrentDictionary<string, GroupCommit<Ready, bool>> _lanes = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public Task Send(Outgoing message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (Endpoint(message) is not { } endpoint) { return message.Send(bus, bus, cancellation); }
        var body = JsonSerializer.SerializeToUtf8Bytes(message.Message, message.Message.GetType(), WireJson.Options);
        return body.Length > EntryBytesMax
            ? message.Send(bus, bus, cancellation)
            : _lanes.GetOrAdd(endpoint, NewLane).Run(new Ready(message, body), cancellation);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes.Values) { await lane.DisposeAsync().ConfigureAwait(false); }
    }

    // Answers, expiring offers and events have somebody who expects them as they are.
    private static string? Endpoint(Outgoing message) =>
        message is { Destination: { Scheme: "exchange" } destination, RequestId: null, ResponseAddress: null, TimeToLive: null }
        && Endpoints.TakesBulk(destination.AbsolutePath)
            ? destination.AbsolutePath
            : null;

    private GroupCommit<Ready, bool> NewLane(string endpoint) =>
        new((ready, cancellation) => Send(endpoint, ready, cancellation), EntriesMax);

    private async Task<IReadOnlyList<bool>> Send(string endpoint, IReadOnlyList<Ready> ready, CancellationToken cancellation)
    {
        if (ready.Count == 1)
        {
            using var trace = Traces.Continue(ready[0].Message.TraceParent);
            await ready[0].Message.Send(bus, bus, cancellation).ConfigureAwait(false);
            return [true];
        }

        var bulk = Outgoing.Command(endpoint, new Bulk { Entries = [.. ready.Select(Entry)] }, clock);
        await bulk.Send(bus, bus, cancellation).ConfigureAwait(false);
        return [.. ready.Select(_ => true)];
    }

    private static BulkEntry Entry(Ready ready) => new()
    {
        MessageId = ready.Message.Id,
        Urn = MessageTypes.NameOf(ready.Message.Message.GetType()),
        Body = JsonElement.Parse(ready.Body),
        TraceParent = ready.Message.TraceParent,
        ConversationId = ready.Message.ConversationId,
    };

    private sealed record Ready(Outgoing Message, byte[] Body);
}

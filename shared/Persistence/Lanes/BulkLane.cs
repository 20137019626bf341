using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
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

    // Whether it arrived is then unknown; whoever sent it sends it again under the same id.
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<string, GroupCommit<Ready, ExceptionDispatchInfo?>> _lanes = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public async Task Send(Outgoing message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        var endpoint = Endpoint(message);
        var body = endpoint is null ? [] : JsonSerializer.SerializeToUtf8Bytes(message.Message, message.Message.GetType(), WireJson.Options);
        if (endpoint is null || body.Length > EntryBytesMax)
        {
            await message.Send(bus, bus, cancellation).ConfigureAwait(false);
            return;
        }

        var failure = await _lanes.GetOrAdd(endpoint, NewLane).Run(new Ready(message, body), cancellation).ConfigureAwait(false);
        failure?.Throw();
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

    private GroupCommit<Ready, ExceptionDispatchInfo?> NewLane(string endpoint) =>
        new((ready, cancellation) => Send(endpoint, ready, cancellation), EntriesMax);

    // A failure of the broker is everybody's: it is handed to each, not tried again one by one.
    private async Task<IReadOnlyList<ExceptionDispatchInfo?>> Send(
        string endpoint, IReadOnlyList<Ready> ready, CancellationToken cancellation)
    {
        ExceptionDispatchInfo? failure = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(SendLimit);
        try
        {
            using var trace = ready.Count == 1 ? Traces.Continue(ready[0].Message.TraceParent) : null;
            var message = ready.Count == 1
                ? ready[0].Message
                : Outgoing.Command(endpoint, new Bulk { Entries = [.. ready.Select(Entry)] }, clock);
            // A publish whose connection breaks may never return, whatever its token says: the lane must not stand still behind it.
            await message.Send(bus, bus, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // thrown again where each of them is awaited
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = ExceptionDispatchInfo.Capture(e is OperationCanceledException
                ? new TimeoutException($"the broker did not confirm a message to {endpoint} in time", e)
                : e);
        }

        return [.. ready.Select(_ => failure)];
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

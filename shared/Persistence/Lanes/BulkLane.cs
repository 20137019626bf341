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
public sealed class BulkLane(IBus bus, TimeProvider clock, Egress? egress = null) : ILane, IAsyncDisposable
{
    private const int ParcelsMax = 200;

    // A message near the broker's frame and the receiver's patience goes alone: results may have a mebibyte.
    private const int EntryBytesMax = 32 * 1024;

    // A message costs its receiver a round with a commit of its own; in a crowd, a rest shorter than such a round makes the next one fuller.
    private static readonly Pace<IReadOnlyList<Ready>> InACrowd =
        new(TimeSpan.FromMilliseconds(12), Crowd: 8, static parcel => parcel.Count);

    // Whether it arrived is then unknown; whoever sent it sends it again under the same id.
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<string, GroupCommit<IReadOnlyList<Ready>, bool>> _lanes = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public Task Send(IReadOnlyList<Outgoing> messages, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return messages.Count == 1 ? Send(messages[0], cancellation) : SendMany(messages, cancellation);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes.Values) { await lane.DisposeAsync().ConfigureAwait(false); }
    }

    private Task Send(Outgoing message, CancellationToken cancellation) =>
        Endpoint(message) is { } endpoint && Ready.From(message) is { } ready
            ? Join(endpoint, [ready], cancellation)
            : SendInTime(message, cancellation);

    private Task SendMany(IReadOnlyList<Outgoing> messages, CancellationToken cancellation)
    {
        var sends = new List<Task>(messages.Count);
        foreach (var group in messages.GroupBy(Endpoint))
        {
            var company = new List<Ready>();
            foreach (var message in group)
            {
                if (group.Key is not null && Ready.From(message) is { } ready) { company.Add(ready); }
                else { sends.Add(SendInTime(message, cancellation)); }
            }

            if (company.Count > 0) { sends.Add(Join(group.Key!, company, cancellation)); }
        }

        return Task.WhenAll(sends);
    }

    private Task<bool> Join(string endpoint, IReadOnlyList<Ready> ready, CancellationToken cancellation) =>
        _lanes.GetOrAdd(endpoint, NewLane).Run(ready, cancellation);

    // Answers, events, and what expires have somebody who expects them as they are, unless it said otherwise.
    private static string? Endpoint(Outgoing message) =>
        message is { Destination: { Scheme: "exchange" } destination, RequestId: null, ResponseAddress: null }
        && (message.InCompany || (message.TimeToLive is null && Endpoints.TakesBulk(destination.AbsolutePath)))
            ? destination.AbsolutePath
            : null;

    private GroupCommit<IReadOnlyList<Ready>, bool> NewLane(string endpoint) =>
        new((parcels, cancellation) => Send(endpoint, parcels, cancellation), ParcelsMax, failsTogether: static _ => true, pace: InACrowd);

    private async Task<IReadOnlyList<bool>> Send(
        string endpoint, IReadOnlyList<IReadOnlyList<Ready>> parcels, CancellationToken cancellation)
    {
        Ready[] ready = [.. parcels.SelectMany(parcel => parcel)];
        using var trace = ready.Length == 1 ? Traces.Continue(ready[0].Message.TraceParent) : null;
        var message = ready.Length == 1
            ? ready[0].Message
            : Outgoing.Command(endpoint, new Bulk { Entries = [.. ready.Select(Entry)] }, clock) with { TimeToLive = Life(ready) };
        await SendInTime(message, cancellation).ConfigureAwait(false);
        return [.. parcels.Select(_ => true)];
    }

    // Nobody may stand still behind a publish that never returns.
    private async Task SendInTime(Outgoing message, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(SendLimit);
        try
        {
            await message.Send(bus, bus, limit.Token, egress).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"the broker did not confirm a message to {message.Destination?.AbsolutePath ?? "its subscribers"} in time", e);
        }
    }

    // As long as the one that lives longest: whoever takes the others looks whether they still count.
    private static TimeSpan? Life(Ready[] ready) =>
        ready.All(one => one.Message.TimeToLive is not null) ? ready.Max(one => one.Message.TimeToLive) : null;

    private static BulkEntry Entry(Ready ready) => new()
    {
        MessageId = ready.Message.Id,
        Urn = MessageTypes.NameOf(ready.Message.Message.GetType()),
        Body = JsonElement.Parse(ready.Message.Body.Span),
        TraceParent = ready.Message.TraceParent,
        ConversationId = ready.Message.ConversationId,
    };

    private sealed record Ready(Outgoing Message)
    {
        /// <summary>Null: too large for company.</summary>
        public static Ready? From(Outgoing message)
        {
            return message.Body.Length > EntryBytesMax ? null : new Ready(message);
        }
    }
}

using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Persistence.Sagas;
using MassTransit;
using MassTransit.Logging;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

#pragma warning disable CA1001 // lives as long as its endpoint, and a semaphore whose handle nobody asks for holds nothing
namespace A2A.Micro.Persistence.Lanes;

/// <summary>
/// Takes a <see cref="Bulk"/> apart: every entry goes through the ordinary pipeline of its endpoint, all at once, so that they meet in one
/// commit. The delivery is acknowledged when all are done; a crash before that brings them all again, and the inbox knows them by
/// their own ids. An entry that fails, or that nobody here can read, goes on alone as a plain message with the very body it came with, to be
/// retried and parked like any other.
/// </summary>
/// <param name="pipeline">Makes the pipeline of the entries.</param>
/// <param name="services">Of the bus.</param>
/// <param name="together">Makes the common end of the entries of one bulk; null: each ends by itself.</param>
public sealed partial class BulkReceiver(
    Func<IReceiveEndpointDispatcherFactory, IReceiveEndpointDispatcher> pipeline, IServiceProvider services, Func<IServiceProvider, object>? together = null)
{
    // A repeat makes its company lose every time; alone it is recognised.
    private const int TurnsMax = 4;

    private readonly SemaphoreSlim _losers = new(1);

    private readonly Lazy<IReceiveEndpointDispatcher> _pipeline =
        new(() => pipeline(services.GetRequiredService<IReceiveEndpointDispatcherFactory>()));

    /// <summary>Takes one bulk.</summary>
    public Task Take(ConsumeContext<Bulk> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Take(EntriesOf(context), context);
    }

    /// <summary>The entries of a bulk.</summary>
    /// <exception cref="ProtocolException">One of them is none.</exception>
    internal static IReadOnlyList<BulkEntry> EntriesOf(ConsumeContext<Bulk> context) =>
        context.Message.Entries is { } entries && entries.All(static entry => entry is { Urn: not null })
            ? entries
            : throw WrongShape.At("#/entries", "an array of objects with a urn is expected");

    /// <summary>Takes these entries of it.</summary>
    internal async Task Take(IReadOnlyList<BulkEntry> entries, ConsumeContext<Bulk> context)
    {
        var endpoint = context.ReceiveContext.InputAddress.Segments[^1];
        if (entries.Count > 0)
        {
            var done = 0;
            void Done()
            {
                if (Interlocked.Increment(ref done) == (entries.Count + 1) / 2) { Failpoints.Hit("bulk.half-done", endpoint); }
            }

            await (together is null ? TakeEach(entries, context, Done) : TakeTogether(entries, context, Done)).ConfigureAwait(false);
        }

        Failpoints.Hit("bulk.before-ack", endpoint);
    }

    private Task TakeEach(IEnumerable<BulkEntry> entries, ConsumeContext<Bulk> context, Action done) =>
        Task.WhenAll(entries.Select(async entry =>
        {
            // Off the synchronous path: the entries shall run beside each other from their first step on.
            await Task.Yield();
            await Dispatch(entry, context).ConfigureAwait(false);
            done();
        }));

    // One after the other, as far as each comes without a wait. Who loses a race for its saga runs again in the company of the other losers:
    // many entries of one saga that come in several bulks would else pay a commit each. One bulk at a time, or they would lose again.
    private async Task TakeTogether(IReadOnlyList<BulkEntry> entries, ConsumeContext<Bulk> context, Action done)
    {
        var outcome = await TakeTogether(entries, done, context).ConfigureAwait(false);
        List<BulkEntry> left = [.. entries.Where(entry => outcome.Refused.Contains(entry.MessageId))];
        List<BulkEntry> alone = [.. entries.Where(entry => outcome.Broken.Contains(entry.MessageId))];
        for (var turn = 2; turn <= TurnsMax && left.Count > 1; turn++)
        {
            await _losers.WaitAsync(context.CancellationToken).ConfigureAwait(false);
            try
            {
                outcome = await TakeTogether(left, static () => { }, context).ConfigureAwait(false);
            }
            finally
            {
                _ = _losers.Release();
            }

            alone.AddRange(left.Where(entry => outcome.Broken.Contains(entry.MessageId)));
            left = [.. left.Where(entry => outcome.Refused.Contains(entry.MessageId))];
        }

        await TakeEach(left.Concat(alone), context, static () => { }).ConfigureAwait(false);
    }

    private Task<BulkOutcome> TakeTogether(IEnumerable<BulkEntry> entries, Action done, ConsumeContext<Bulk> context)
    {
        var commit = (IBulkCommit)together!(services);
        return commit.Run(Task.WhenAll(entries.Select(async entry =>
        {
            await Dispatch(entry, context, commit).ConfigureAwait(false);
            done();
        })), context.CancellationToken);
    }

    private async Task Dispatch(BulkEntry entry, ConsumeContext<Bulk> context, params object[] payloads)
    {
        try
        {
            await _pipeline.Value.Dispatch([], Headers(entry)!, context.CancellationToken, [entry, .. payloads]).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whatever it is, it concerns this entry alone; the plain message brings it to the error queue
        catch (Exception e) when (!context.CancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogAlone(services.GetRequiredService<ILogger<BulkReceiver>>(), e, entry.MessageId, entry.Urn);
            await SendAlone(entry, context).ConfigureAwait(false);
        }
    }

    private static async Task SendAlone(BulkEntry entry, ConsumeContext<Bulk> context)
    {
        var endpoint = await context.ReceiveContext.SendEndpointProvider
            .GetSendEndpoint(Endpoints.Address(context.ReceiveContext.InputAddress.Segments[^1])).ConfigureAwait(false);
        await endpoint.Send(entry, new PlainEntry(entry), CancellationToken.None)
            .WaitAsync(context.CancellationToken).ConfigureAwait(false);
    }

    internal static Dictionary<string, object?> Headers(BulkEntry entry)
    {
        var headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["Content-Type"] = EntryDeserializer.MediaType };
        if (entry.TraceParent is { } trace) { headers[DiagnosticHeaders.ActivityId] = trace; }
        return headers;
    }

    [LoggerMessage(LogLevel.Warning, "message {MessageId} ({Urn}) failed in its bulk and goes on alone")]
    private static partial void LogAlone(ILogger log, Exception exception, Guid messageId, string urn);
}

using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Persistence.Lanes;

/// <summary>Hands what a <see cref="Bulk"/> holds for a consumer to it in one call; anything else, and everything after a failure, goes one by one.</summary>
internal sealed partial class BulkAtOnce<TConsumer, TMessage>(BulkReceiver oneByOne, IServiceProvider services)
    where TConsumer : class, IBulkConsumer<TMessage>
    where TMessage : class
{
    private static readonly string Urn = MessageTypes.NameOf(typeof(TMessage));

    public async Task Take(ConsumeContext<Bulk> context)
    {
        var (together, alone) = Sort(BulkReceiver.EntriesOf(context));
        if (together.Count > 0 && !await Consume(together, context.CancellationToken).ConfigureAwait(false))
        {
            alone = BulkReceiver.EntriesOf(context);
        }

        await oneByOne.Take(alone, context).ConfigureAwait(false);
    }

    private async Task<bool> Consume(List<Received<TMessage>> together, CancellationToken cancellation)
    {
        await using var scope = services.CreateAsyncScope();
        try
        {
            Failpoints.Hit("bulk.before-taking", typeof(TMessage));
            await scope.ServiceProvider.GetRequiredService<TConsumer>().Consume(together, cancellation).ConfigureAwait(false);
            Failpoints.Hit("bulk.after-taking", typeof(TMessage));
            return true;
        }
#pragma warning disable CA1031 // whose fault it is shows when each goes through the pipeline alone
        catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogOneByOne(services.GetRequiredService<ILogger<BulkReceiver>>(), e, together.Count);
            return false;
        }
    }

    private static (List<Received<TMessage>> Together, IReadOnlyList<BulkEntry> Alone) Sort(IReadOnlyList<BulkEntry> entries)
    {
        var together = new List<Received<TMessage>>(entries.Count);
        List<BulkEntry>? alone = null;
        foreach (var entry in entries)
        {
            if (Read(entry) is { } message) { together.Add(new Received<TMessage>(message, entry.TraceParent)); }
            else { (alone ??= []).Add(entry); }
        }

        return (together, alone ?? (IReadOnlyList<BulkEntry>)[]);
    }

    private static TMessage? Read(BulkEntry entry)
    {
        if (entry.Urn != Urn) { return null; }
        try
        {
            // As the pipeline would.
            return entry.Body.Deserialize<TMessage>(SystemTextJsonMessageSerializer.Options);
        }
#pragma warning disable CA1031 // whatever a body can do to its reader: the pipeline says what is wrong with it, and parks it
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "a bulk of {Count} could not be taken at once; each goes alone")]
    private static partial void LogOneByOne(ILogger log, Exception exception, int count);
}

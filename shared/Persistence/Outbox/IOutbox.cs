using Npgsql;

namespace A2A.Micro.Persistence.Outbox;

/// <summary>
/// The way out for work that no incoming message would repeat: HTTP requests and background duties. The messages are rows of the same
/// transaction as the change; after the commit they are sent from memory at once, and the relay sends what a crash or an outage left.
/// </summary>
/// <typeparam name="TDb">The service whose schema holds the rows.</typeparam>
public interface IOutbox<TDb> where TDb : ModuleDb
{
    /// <summary>The statement that stores the messages; part of the caller's own batch. PostgreSQL only.</summary>
    NpgsqlBatchCommand Insert(IReadOnlyCollection<Outgoing> messages);

    /// <summary>Call it after the commit. Returns at once unless the queue is full in an installation without a relay.</summary>
    ValueTask Committed(IReadOnlyCollection<Outgoing> messages, CancellationToken cancellation);

    /// <summary>Committed messages that have not been sent; counted by the last round of the relay.</summary>
    long Pending { get; }
}

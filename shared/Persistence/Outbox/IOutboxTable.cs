using Npgsql;

namespace A2A.Micro.Persistence.Outbox;

/// <summary>The rows behind an outbox.</summary>
internal interface IOutboxTable<TDb> where TDb : ModuleDb
{
    /// <summary>The statement that stores messages, claimed for <paramref name="claimFor"/> by whoever commits them.</summary>
    NpgsqlBatchCommand Insert(IReadOnlyCollection<Outgoing> messages, TimeSpan claimFor);

    /// <summary>Takes rows that nobody is sending, oldest first, and claims them.</summary>
    Task<IReadOnlyList<Outgoing>> Claim(int limit, TimeSpan claimFor, CancellationToken cancellation);

    /// <summary>Forgets rows whose messages the broker has confirmed.</summary>
    Task Sent(IReadOnlyList<Guid> ids, CancellationToken cancellation);

    /// <summary>How many rows there are.</summary>
    Task<long> Count(CancellationToken cancellation);

    /// <summary>Whether rows outlive the process, so that what memory cannot take may be left to them.</summary>
    bool IsDurable { get; }
}

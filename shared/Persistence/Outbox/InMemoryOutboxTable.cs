using Npgsql;

namespace A2A.Micro.Persistence.Outbox;

/// <summary>No rows: what is committed lives in the dispatcher's queue and ends with the process.</summary>
internal sealed class InMemoryOutboxTable<TDb> : IOutboxTable<TDb> where TDb : ModuleDb
{
    public bool IsDurable => false;

    public NpgsqlBatchCommand Insert(IReadOnlyCollection<Outgoing> messages, TimeSpan claimFor) =>
        throw new NotSupportedException("in-memory stores have no transaction to join; call Committed");

    public Task<IReadOnlyList<Outgoing>> Claim(int limit, TimeSpan claimFor, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Outgoing>>([]);

    public Task Sent(IReadOnlyList<Guid> ids, CancellationToken cancellation) => Task.CompletedTask;

    public Task<long> Count(CancellationToken cancellation) => Task.FromResult(0L);
}

namespace A2A.Micro.Persistence.Sagas;

/// <summary>Where sagas of one kind are kept. Two implementations, held to one behaviour by the conformance suite.</summary>
public interface ISagaStore<TSaga> where TSaga : SagaRow
{
    /// <summary>
    /// The saga, and what this message already did to it if it was here before. A store may answer from memory, or take a saga for
    /// new that is not: <see cref="Commit"/> then refuses, and the next load of that saga is from the ground up.
    /// </summary>
    /// <param name="sagaId">Which.</param>
    /// <param name="messageId">The message at hand.</param>
    /// <param name="starts">Messages of this kind create their saga, as a rule.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<Loaded<TSaga>> Load(Guid sagaId, Guid messageId, bool starts, CancellationToken cancellation);

    /// <summary>
    /// Sagas, inbox rows and outgoing messages in one transaction. For each unit: false, and nothing of it written, when another commit of the
    /// same saga came first, or when its message, or one of those before it, was committed before.
    /// </summary>
    /// <param name="units">Each of another saga.</param>
    /// <param name="cancellation">Ends the wait, not the commit.</param>
    Task<IReadOnlyList<bool>> Commit(IReadOnlyList<UnitOfWork<TSaga>> units, CancellationToken cancellation);

    /// <summary>Hears of a saga that is not stored because it is kept elsewhere; a store may remember it for its next message.</summary>
    void Spare(TSaga saga)
    {
    }

    /// <summary>
    /// What was committed to be said in a span of time, by whatever message, if it contains a text. For repairs: it looks through all of the span, and
    /// knows of it as long as repeats are recognised.
    /// </summary>
    Task<IReadOnlyList<Outbox.Outgoing>> Said(string text, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);

    /// <summary>
    /// Takes at most <paramref name="limit"/> sagas whose time has come, and moves their time on by <paramref name="again"/>: should the wake-up
    /// be lost, it is repeated. Judged by the store's clock.
    /// </summary>
    Task<IReadOnlyList<Due>> TakeDue(int limit, TimeSpan again, CancellationToken cancellation);

    /// <summary>
    /// Deletes what only serves to recognise repeats and is older than <paramref name="age"/>, and sagas that have expired: of each at most
    /// <paramref name="limit"/>. How many in all.
    /// </summary>
    Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation);
}

/// <summary>Short forms.</summary>
public static class SagaStore
{
    /// <summary>Commits one unit.</summary>
    public static async Task<bool> Commit<TSaga>(this ISagaStore<TSaga> store, UnitOfWork<TSaga> unit, CancellationToken cancellation)
        where TSaga : SagaRow
    {
        ArgumentNullException.ThrowIfNull(store);
        return (await store.Commit([unit], cancellation).ConfigureAwait(false))[0];
    }
}

/// <summary>What a load found.</summary>
/// <param name="Saga">A copy that the caller may change; null when there is none.</param>
/// <param name="Repeated">When the message was committed before: what it sent then, which may never have left.</param>
public readonly record struct Loaded<TSaga>(TSaga? Saga, IReadOnlyList<Outbox.Outgoing>? Repeated);

/// <summary>A saga whose time has come.</summary>
/// <param name="SagaId">Its id.</param>
/// <param name="Now">The store's clock when it was taken.</param>
public readonly record struct Due(Guid SagaId, DateTimeOffset Now);

/// <summary>Takes what is sent once the work at hand has been committed.</summary>
public interface IUnitOfWork
{
    /// <summary>Adds a message.</summary>
    void Say(Outbox.Outgoing message);
}

/// <summary>What one message does to one saga; committed as a whole or not at all.</summary>
public sealed class UnitOfWork<TSaga>(Guid messageId) : IUnitOfWork where TSaga : SagaRow
{
    private readonly List<Outbox.Outgoing> _outgoing = [];

    /// <summary>The message; with the saga's kind it is the key of the inbox row.</summary>
    public Guid MessageId { get; } = messageId;

    /// <summary>The saga as it is to be stored; null: the message changes no saga.</summary>
    public TSaga? Saga { get; set; }

    /// <summary>The saga as it was loaded; null when it is new, or nobody kept it.</summary>
    public TSaga? Before { get; init; }

    /// <summary>
    /// Units of messages that came before this one to the same saga, oldest first, when they are committed with it: what they changed is in this
    /// one's saga, and what they say leaves under their own messages.
    /// </summary>
    public IReadOnlyList<UnitOfWork<TSaga>> Earlier { get; init; } = [];

    /// <summary>Whether there is something to store.</summary>
    public bool Changed { get; set; }

    /// <summary>Whether a commit is needed.</summary>
    internal bool Changes => Changed && Saga is not null && !IsSpared;

    /// <summary>What it does to the saga is kept elsewhere; what it says needs no commit here.</summary>
    internal bool IsSpared =>
        Changed && Saga is { Version: 0, IsKeptElsewhere: true } && (Before is null or { IsKeptElsewhere: true });

    /// <summary>The messages that are committed with it, its own among them.</summary>
    internal IEnumerable<Guid> MessageIds => Earlier.Select(unit => unit.MessageId).Append(MessageId);

    /// <summary>What is sent once it is stored.</summary>
    public IReadOnlyList<Outbox.Outgoing> Outgoing => _outgoing;

    /// <summary>Adds a message; a saga's activities may run in parallel.</summary>
    public void Say(Outbox.Outgoing message)
    {
        lock (_outgoing) { _outgoing.Add(message); }
    }

    /// <summary>The same, committed together with those before it.</summary>
    internal UnitOfWork<TSaga> After(IReadOnlyList<UnitOfWork<TSaga>> earlier)
    {
        var unit = new UnitOfWork<TSaga>(MessageId) { Saga = Saga, Changed = Changed, Before = earlier[0].Before, Earlier = earlier };
        unit._outgoing.AddRange(_outgoing);
        return unit;
    }
}

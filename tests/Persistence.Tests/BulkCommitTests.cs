using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace A2A.Micro.Persistence.Tests;

/// <summary>Entries of one bulk that concern the same saga stand on each other's shoulders.</summary>
public sealed class BulkCommitTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly Gate _store = new(new InMemorySagaStore<PingSaga>(TimeProvider.System));
    private readonly Said _said = new();
    private readonly Guid _id = NewId();

    private BulkCommit<PingSaga> Bulk => field ??= new(_store, _said, NullLogger.Instance);

    [Fact]
    public async Task A_hundred_entries_of_one_saga_are_one_commit_of_it()
    {
        for (var i = 0; i < 100; i++) { Assert.True(await Enter(_id)); }

        var outcome = await Bulk.Run(Task.CompletedTask, None);

        Assert.Empty(outcome.Refused);
        Assert.Equal((100, 1), await CountAndVersion(_id));
        Assert.Equal(100, _said.Count);
    }

    [Fact]
    public async Task Who_comes_while_its_saga_is_being_committed_goes_on_from_there()
    {
        Assert.True(await Enter(_id));
        var entries = new TaskCompletionSource();
        var run = _store.Hold(() => Bulk.Run(entries.Task, None));

        Assert.True(await Enter(_id));
        Assert.True(await Enter(_id));
        _store.Open();
        entries.SetResult();

        Assert.Empty((await run).Refused);
        Assert.Equal((3, 2), await CountAndVersion(_id));
    }

    [Fact]
    public async Task When_somebody_else_was_first_all_that_stands_on_it_is_refused_and_says_nothing()
    {
        Assert.True(await _store.Commit(new UnitOfWork<PingSaga>(NewId()) { Saga = New(_id), Changed = true }, None));
        var other = NewId();
        Assert.True(await Enter(_id));
        Assert.True(await Enter(other));
        var elsewhere = (await _store.Load(_id, NewId(), starts: false, None)).Saga!;
        Assert.True(await _store.Commit(new UnitOfWork<PingSaga>(NewId()) { Saga = elsewhere, Changed = true }, None));
        var entries = new TaskCompletionSource();
        var run = _store.Hold(() => Bulk.Run(entries.Task, None));
        Assert.True(await Enter(_id));
        _store.Open();
        entries.SetResult();

        var outcome = await run;

        Assert.Equal(2, outcome.Refused.Count);
        Assert.Equal((0, 2), await CountAndVersion(_id));
        Assert.Equal((1, 1), await CountAndVersion(other));
        Assert.Equal(1, _said.Count);
    }

    [Fact]
    public async Task Two_that_took_the_same_saga_at_the_same_time_do_not_both_join()
    {
        Assert.True(await Enter(_id));
        var (one, other) = (Bulk.Find(_id)!.Value.Saga!, Bulk.Find(_id)!.Value.Saga!);

        Assert.True(Join(other, standsOnOthers: true));
        Assert.False(Join(one, standsOnOthers: true));
    }

    [Fact]
    public async Task Who_went_on_from_a_round_that_was_refused_and_has_gone_does_not_bring_back_what_it_did()
    {
        Assert.True(await Enter(_id));
        var entries = new TaskCompletionSource();
        var run = _store.Hold(() => Bulk.Run(entries.Task, None));
        var late = Bulk.Find(_id)!.Value.Saga!; // as the round that is under way would leave it: 1, in version 1
        late.Count++;
        Assert.True(await Enter(NewId()));
        Assert.True(await _store.Commit(new UnitOfWork<PingSaga>(NewId()) { Saga = New(_id), Changed = true }, None)); // somebody else: 0, in version 1
        _store.Open();
        await Eventually.True(() => _said.Count == 1, "the round without it has gone");

        Assert.False(Join(late, standsOnOthers: true));

        entries.SetResult();
        Assert.Single((await run).Refused);
        Assert.Equal((0, 1), await CountAndVersion(_id));
    }

    private async Task<bool> Enter(Guid id)
    {
        var left = Bulk.Find(id);
        var saga = (left ?? await _store.Load(id, NewId(), starts: false, None)).Saga ?? New(id);
        saga.Count++;
        return Join(saga, left is not null);
    }

    private bool Join(PingSaga saga, bool standsOnOthers) => Bulk.TryJoin(
        new UnitOfWork<PingSaga>(NewId()) { Saga = saga, Changed = true },
        [Outgoing.Command("somewhere", new Pong { Id = saga.CorrelationId, Count = saga.Count }, TimeProvider.System)],
        typeof(Ping), standsOnOthers);

    private async Task<(int, int)> CountAndVersion(Guid id)
    {
        var saga = (await _store.Load(id, NewId(), starts: false, None)).Saga!;
        return (saga.Count, saga.Version);
    }

    private static PingSaga New(Guid id) => new() { CorrelationId = id, State = "ringing" };

    private static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    /// <summary>Holds the next commit until it is let through.</summary>
    private sealed class Gate(ISagaStore<PingSaga> store) : ISagaStore<PingSaga>
    {
        private TaskCompletionSource _open = new();

        private bool IsHeld { get; set; }

        public Task<T> Hold<T>(Func<Task<T>> run)
        {
            (IsHeld, _open) = (true, new TaskCompletionSource());
            var running = run();
            IsHeld = false;
            return running;
        }

        public void Open() => _open.SetResult();

        public Task<Loaded<PingSaga>> Load(Guid sagaId, Guid messageId, bool starts, CancellationToken cancellation) =>
            store.Load(sagaId, messageId, starts, cancellation);

        public async Task<IReadOnlyList<bool>> Commit(IReadOnlyList<UnitOfWork<PingSaga>> units, CancellationToken cancellation)
        {
            if (IsHeld) { await _open.Task; }
            return await store.Commit(units, cancellation);
        }

        public Task<IReadOnlyList<Outgoing>> Said(string text, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
            store.Said(text, from, to, cancellation);

        public Task<IReadOnlyList<Due>> TakeDue(int limit, TimeSpan again, CancellationToken cancellation) =>
            store.TakeDue(limit, again, cancellation);

        public Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation) => store.Purge(age, limit, cancellation);
    }

    private sealed class Said : ILane
    {
        public int Count { get; private set; }

        public Task Send(IReadOnlyList<Outgoing> messages, CancellationToken cancellation)
        {
            Count += messages.Count;
            return Task.CompletedTask;
        }
    }
}

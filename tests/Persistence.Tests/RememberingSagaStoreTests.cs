using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Persistence.Sagas;

namespace A2A.Micro.Persistence.Tests;

public sealed class RememberingSagaStoreTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly Read _truth = new(new InMemorySagaStore<PingSaga>(TimeProvider.System));

    [Fact]
    public async Task The_saga_of_the_last_commit_is_not_read_again()
    {
        var store = new RememberingSagaStore<PingSaga>(_truth);
        var id = await Started(store);

        for (var i = 1; i <= 3; i++)
        {
            var saga = (await store.Load(id, NewId(), starts: false, None)).Saga!;
            Assert.Equal((i, i), (saga.Version, saga.Count));
            saga.Count++;
            Assert.True(await store.Commit(Unit(saga), None));
        }

        Assert.Equal(0, _truth.Loads);
        Assert.Equal(4, (await _truth.Load(id, NewId(), starts: false, None)).Saga!.Count);
    }

    [Fact]
    public async Task A_message_that_comes_again_is_found_out_by_the_commit_and_answered_by_the_next_load()
    {
        var store = new RememberingSagaStore<PingSaga>(_truth);
        var message = NewId();
        var said = Outgoing.Event(new Ping { Id = NewId(), Word = "said" }, TimeProvider.System);
        var id = await Started(store, message, said);

        var guessed = await store.Load(id, message, starts: false, None);
        Assert.Null(guessed.Repeated);
        Assert.False(await store.Commit(Unit(guessed.Saga!, message), None));

        var again = await store.Load(id, message, starts: true, None);
        Assert.Equal(said.Id, Assert.Single(again.Repeated!).Id);
        Assert.Equal(1, again.Saga!.Version);
    }

    [Fact]
    public async Task A_repeat_learns_what_it_did_even_when_others_bring_the_saga_back_in_between()
    {
        var store = new RememberingSagaStore<PingSaga>(_truth);
        var message = NewId();
        var said = Outgoing.Event(new Ping { Id = NewId(), Word = "said" }, TimeProvider.System);
        var id = await Started(store, message, said);
        var guessed = (await store.Load(id, message, starts: false, None)).Saga!;
        Assert.False(await store.Commit(Unit(guessed, message), None));

        var other = (await store.Load(id, NewId(), starts: false, None)).Saga!;
        Assert.True(await store.Commit(Unit(other), None));

        Assert.Equal(said.Id, Assert.Single((await store.Load(id, message, starts: false, None)).Repeated!).Id);
    }

    [Fact]
    public async Task What_another_process_wrote_shows_as_a_lost_race_and_then_is_read()
    {
        var store = new RememberingSagaStore<PingSaga>(_truth);
        var id = await Started(store);
        var elsewhere = (await _truth.Load(id, NewId(), starts: false, None)).Saga!;
        elsewhere.LastWord = "elsewhere";
        Assert.True(await _truth.Commit(Unit(elsewhere), None));

        var stale = (await store.Load(id, NewId(), starts: false, None)).Saga!;
        stale.LastWord = "here";
        Assert.False(await store.Commit(Unit(stale), None));

        var read = (await store.Load(id, NewId(), starts: false, None)).Saga!;
        Assert.Equal((2, "elsewhere"), (read.Version, read.LastWord));
    }

    [Fact]
    public async Task A_message_that_starts_a_saga_does_not_look_for_one_and_a_wrong_guess_is_refused()
    {
        var store = new RememberingSagaStore<PingSaga>(_truth);
        var id = NewId();
        Assert.True(await _truth.Commit(Unit(New(id)), None));

        Assert.Null((await store.Load(id, NewId(), starts: true, None)).Saga);
        Assert.False(await store.Commit(Unit(New(id)), None));

        Assert.Equal(0, _truth.Loads);
        Assert.Equal(1, (await store.Load(id, NewId(), starts: true, None)).Saga!.Version);
    }

    [Fact]
    public async Task A_saga_is_handed_out_once()
    {
        var store = new RememberingSagaStore<PingSaga>(_truth);
        var id = await Started(store);

        var one = (await store.Load(id, NewId(), starts: false, None)).Saga!;
        one.LastWord = "never committed";
        var other = (await store.Load(id, NewId(), starts: false, None)).Saga!;

        Assert.NotSame(one, other);
        Assert.NotEqual("never committed", other.LastWord);
    }

    [Fact]
    public async Task A_commit_that_failed_is_not_believed_in()
    {
        var store = new RememberingSagaStore<PingSaga>(_truth);
        var id = await Started(store);
        var saga = (await store.Load(id, NewId(), starts: false, None)).Saga!;
        saga.LastWord = "perhaps";
        _truth.LosesAnswers = true;

        _ = await Assert.ThrowsAsync<TimeoutException>(() => store.Commit(Unit(saga), None));

        _truth.LosesAnswers = false;
        Assert.Equal("perhaps", (await store.Load(id, NewId(), starts: true, None)).Saga!.LastWord);
    }

    [Fact]
    public async Task A_saga_that_is_kept_elsewhere_is_remembered_as_one_that_was_never_stored()
    {
        var store = new RememberingSagaStore<PingSaga>(_truth);
        var spared = New(NewId());
        spared.Count = 1;
        store.Spare(spared);

        var saga = (await store.Load(spared.CorrelationId, NewId(), starts: false, None)).Saga!;
        Assert.Equal((0, 1), (saga.Version, saga.Count));
        Assert.Equal(0, _truth.Loads);
        Assert.True(await store.Commit(Unit(saga), None));
        Assert.Equal(1, (await _truth.Load(saga.CorrelationId, NewId(), starts: false, None)).Saga!.Version);
    }

    [Fact]
    public async Task Memory_is_bounded_and_forgets_the_oldest()
    {
        var store = new RememberingSagaStore<PingSaga>(_truth);
        var ids = new List<Guid>();
        for (var i = 0; i < 8194; i++) { ids.Add(await Started(store)); }

        Assert.Equal(1, (await store.Load(ids[0], NewId(), starts: false, None)).Saga!.Version);
        Assert.Equal(1, _truth.Loads);
        Assert.Equal(1, (await store.Load(ids[^1], NewId(), starts: false, None)).Saga!.Version);
        Assert.Equal(1, _truth.Loads);
    }

    private static async Task<Guid> Started(RememberingSagaStore<PingSaga> store, Guid? message = null, params Outgoing[] said)
    {
        var saga = New(NewId());
        saga.Count = 1;
        var unit = Unit(saga, message);
        foreach (var one in said) { unit.Say(one); }
        Assert.True(await store.Commit(unit, None));
        return saga.CorrelationId;
    }

    private static PingSaga New(Guid id) => new() { CorrelationId = id, State = "pinged" };

    private static UnitOfWork<PingSaga> Unit(PingSaga saga, Guid? message = null) =>
        new(message ?? NewId()) { Saga = saga, Changed = true };

    private static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    /// <summary>Counts what is read, and loses the answer of a commit when told to.</summary>
    private sealed class Read(ISagaStore<PingSaga> store) : ISagaStore<PingSaga>
    {
        public int Loads { get; private set; }

        public bool LosesAnswers { get; set; }

        public Task<Loaded<PingSaga>> Load(Guid sagaId, Guid messageId, bool starts, CancellationToken cancellation)
        {
            Loads++;
            return store.Load(sagaId, messageId, starts, cancellation);
        }

        public async Task<IReadOnlyList<bool>> Commit(IReadOnlyList<UnitOfWork<PingSaga>> units, CancellationToken cancellation)
        {
            var committed = await store.Commit(units, cancellation);
            return LosesAnswers ? throw new TimeoutException() : committed;
        }

        public Task<IReadOnlyList<Due>> TakeDue(int limit, TimeSpan again, CancellationToken cancellation) =>
            store.TakeDue(limit, again, cancellation);

        public Task<IReadOnlyList<Outbox.Outgoing>> Said(string text, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
            store.Said(text, from, to, cancellation);

        public Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation) => store.Purge(age, limit, cancellation);
    }
}

using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Persistence.Sagas;

namespace A2A.Micro.Persistence.Tests;

/// <summary>What a commit carries of a saga, and how long its row stays.</summary>
public abstract partial class SagaStoreTests
{
    [Fact]
    public async Task What_changes_seldom_is_kept_by_commits_that_leave_it_and_by_those_that_do_not()
    {
        var store = await Store();
        var plain = New();
        Assert.True(await store.Commit(Unit(plain), None));
        foreach (var (word, words) in new (string, string[])[] { ("one", []), ("two", ["x"]), ("three", ["x"]), ("four", []) })
        {
            var before = (await store.Load(plain.CorrelationId, NewId(), starts: false, None)).Saga!;
            var after = (PingSaga)before.Copy();
            after.LastWord = word;
            if (!before.Words.SequenceEqual(words)) { after.Words = words; }
            Assert.True(await store.Commit(new UnitOfWork<PingSaga>(NewId()) { Saga = after, Before = before, Changed = true }, None));
            var stored = (await store.Load(plain.CorrelationId, NewId(), starts: false, None)).Saga!;
            Assert.Equal(word, stored.LastWord);
            Assert.Equal(words, stored.Words);
        }
    }

    [Fact]
    public async Task A_saga_that_has_expired_is_purged_and_no_other()
    {
        var store = await Store();
        var (expired, ended, open) = (New(), New(), New());
        expired.ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        ended.ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(1);
        foreach (var saga in new[] { expired, ended, open }) { Assert.True(await store.Commit(Unit(saga), None)); }

        Assert.Equal(1, await store.Purge(TimeSpan.FromDays(1), 10, None));

        Assert.Null((await store.Load(expired.CorrelationId, NewId(), starts: false, None)).Saga);
        Assert.NotNull((await store.Load(ended.CorrelationId, NewId(), starts: false, None)).Saga);
        Assert.NotNull((await store.Load(open.CorrelationId, NewId(), starts: false, None)).Saga);
    }

    [Fact]
    public async Task What_was_said_can_be_found_again_by_when_and_what()
    {
        var store = await Store();
        var (began, wanted) = (TimeProvider.System.GetUtcNow().AddMinutes(-1), NewId());
        var (one, other) = (Unit(New()), Unit(New()));
        var said = Pong(wanted, 7);
        one.Say(said);
        one.Say(Pong(NewId(), 8));
        other.Say(Pong(NewId(), 9));
        foreach (var unit in new[] { one, other }) { Assert.True(await store.Commit(unit, None)); }

        var found = await store.Said($"{wanted}", began, began.AddMinutes(5), None);
        Assert.Contains(found, outgoing => outgoing.Id == said.Id && outgoing.Message is Pong { Count: 7 } pong && pong.Id == wanted);
        Assert.DoesNotContain(found, outgoing => outgoing.Message is Pong { Count: 9 });
        Assert.Empty(await store.Said($"{wanted}", began.AddDays(-1), began, None));

        static Outgoing Pong(Guid id, int count) => Outgoing.Command("somewhere", new Pong { Id = id, Count = count }, TimeProvider.System);
    }

    [Fact]
    public async Task Messages_that_are_committed_together_make_one_version_and_are_recognised_each_with_its_own_words()
    {
        var store = await Store();
        var (fresh, known) = (New(), New());
        Assert.True(await store.Commit(Unit(known), None));
        var (company, alone) = (New(), New());
        var before = (await store.Load(known.CorrelationId, NewId(), starts: false, None)).Saga!;
        UnitOfWork<PingSaga>[] units = [Together(fresh, null), Unit(company), Together((PingSaga)before.Copy(), before), Unit(alone)];

        Assert.All(await store.Commit(units, None), Assert.True);

        Assert.Equal((1, 3), await VersionAndCount(fresh));
        Assert.Equal((2, 3), await VersionAndCount(known));
        foreach (var unit in units.SelectMany(unit => unit.Earlier.Append(unit)))
        {
            var loaded = await store.Load(fresh.CorrelationId, unit.MessageId, starts: false, None);
            Assert.Equal(unit.Outgoing.Select(said => said.Id), loaded.Repeated!.Select(said => said.Id));
        }

        async Task<(int, int)> VersionAndCount(PingSaga saga)
        {
            var stored = (await store.Load(saga.CorrelationId, NewId(), starts: false, None)).Saga!;
            return (stored.Version, stored.Count);
        }
    }

    [Fact]
    public async Task When_one_of_them_was_here_before_nothing_of_them_is_written_and_their_company_is()
    {
        var store = await Store();
        var (saga, other) = (New(), New());
        var repeated = Unit(New());
        Assert.True(await store.Commit(repeated, None));
        var unit = new UnitOfWork<PingSaga>(NewId()) { Saga = saga, Changed = true, Earlier = [Unit(saga), Unit(saga, repeated.MessageId)] };

        Assert.Equal([false, true], await store.Commit([unit, Unit(other)], None));

        var loaded = await store.Load(saga.CorrelationId, unit.Earlier[0].MessageId, starts: false, None);
        Assert.Null(loaded.Saga);
        Assert.Null(loaded.Repeated);
    }

    private static UnitOfWork<PingSaga> Together(PingSaga saga, PingSaga? before)
    {
        saga.Count = 3;
        UnitOfWork<PingSaga>[] units =
        [
            Unit(saga), Unit(saga), new(NewId()) { Saga = saga, Changed = true, Before = before },
        ];
        foreach (var unit in units) { unit.Say(Outgoing.Command("somewhere", new Pong { Id = unit.MessageId, Count = 1 }, TimeProvider.System)); }
        return units[^1].After(units[..^1]);
    }
}

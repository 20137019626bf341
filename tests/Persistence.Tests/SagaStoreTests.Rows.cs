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
}

using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>
/// The pool against a model of dictionaries that shares no code with it (reliability M1): repeats, strangers, late claims, four kinds of resources,
/// agents that shrink and that are lost. Each planted bug makes the same check fail, and FsCheck shrinks what it found.
/// </summary>
public sealed class LedgerModelTests
{
    public sealed record Step(int Kind, int Task, int Attempt, int Agent, int Size);

    private static readonly Gen<Step[]> Steps = Gen.ArrayOf(
        from kind in Gen.Choose(0, 19)
        from task in Gen.Choose(0, 9)
        from attempt in Gen.Choose(1, 3)
        from agent in Gen.Choose(0, 2)
        from size in Gen.Choose(0, 4)
        select new Step(kind, task, attempt, agent, size));

    [Fact]
    public void The_pool_does_what_the_model_allows() => Check("");

    [Theory]
    [InlineData("an attempt that is over is forgotten")]
    [InlineData("some releases give nothing back")]
    [InlineData("an agent that says it is smaller is taken for as large as before")]
    [InlineData("an agent that leaves keeps what it held")]
    [InlineData("a little less is written down than was asked for")]
    [InlineData("what is given back is offered to nobody")]
    public void A_planted_bug_is_seen_and_shrunk(string planted)
    {
        var seen = Assert.ThrowsAny<Exception>(() => Check(planted));

        Assert.Contains("shrink", seen.Message, StringComparison.Ordinal);
    }

    private static void Check(string planted) =>
        Prop.ForAll(Arb.From(Steps, Smaller), steps => Play(steps, planted))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(planted.Length == 0 ? 500 : 3000).WithEndSize(120));

    private static IEnumerable<Step[]> Smaller(Step[] steps) =>
        steps.Select((_, i) => steps.Where((_, j) => j != i).ToArray());

    private static void Play(Step[] steps, string planted)
    {
        var (pool, model, now) = (new Pool(TimeSpan.FromHours(24)), new LedgerModel(), Claims.Noon);
        foreach (var step in steps)
        {
            now = now.AddSeconds(1);
            var operation = Operation(step);
            var answer = pool.Do(Broken(operation, pool, planted), now);
            if (planted == "an attempt that is over is forgotten" && operation is PoolOperation.ReleaseRoom over) { pool.Forget(over.Attempt); }
            if (planted == "what is given back is offered to nobody" && operation is PoolOperation.ReleaseRoom)
            {
                // As if the offer had been left out: who got the room waits again.
                foreach (var placed in pool.Changes.Left.ToList()) { pool.Load(Claims.Of(placed.TaskId, placed.Attempt) with { Pin = "a0" }); }
            }

            model.Follow(operation, answer, pool, pool.TakeChanges());
        }
    }

    private static PoolOperation Broken(PoolOperation operation, Pool pool, string planted) => (planted, operation) switch
    {
        ("some releases give nothing back", PoolOperation.ReleaseRoom { Attempt: { TaskId: "t2" } attempt }) =>
            new PoolOperation.ReleaseRoom(attempt, ["nothing"]),
        ("an agent that says it is smaller is taken for as large as before", PoolOperation.Announce { What: var said })
            when pool.Agents.TryGetValue(said.Id, out var known) =>
            new PoolOperation.Announce(said with { Capacity = Quantities.Max(said.Capacity, known.Ledger.Declared) }),
        ("an agent that leaves keeps what it held", PoolOperation.Leave leave) => new PoolOperation.Drain(leave.AgentId, leave.Incarnation),
        ("a little less is written down than was asked for", PoolOperation.ClaimRoom { Wish: { Wanted.MemoryMib: > 0 } wish }) =>
            new PoolOperation.ClaimRoom(wish with { Wanted = wish.Wanted with { MemoryMib = wish.Wanted.MemoryMib - 1 } }),
        _ => operation,
    };

    private static PoolOperation Operation(Step step)
    {
        var (task, agent) = ("t" + step.Task, "a" + step.Agent);
        return step.Kind switch
        {
            < 9 => new PoolOperation.ClaimRoom(Claims.Of(task, step.Attempt, enqueuedS: step.Task) with
            {
                Wanted = new Quantities(1, step.Task % 3 * 500, step.Size, step.Task % 2, 0),
            }),
            < 13 => new PoolOperation.ReleaseRoom(Claims.Key(task, step.Attempt)),
            < 17 => new PoolOperation.Announce(Claims.Agent(agent) with
            {
                Incarnation = step.Attempt,
                Capacity = new Quantities(step.Size + 1, 1000, step.Size * 2, 2, 0),
            }),
            17 => new PoolOperation.Leave(agent, step.Attempt),
            18 => new PoolOperation.Beat(agent, step.Attempt),
            _ => new PoolOperation.Reap(TimeSpan.FromSeconds(3 + (step.Size * 3))),
        };
    }
}

/// <summary>What a pool must be like, said with dictionaries. Where it has a choice, the model follows it and checks that the choice was allowed.</summary>
internal sealed class LedgerModel
{
    private readonly Dictionary<AttemptKey, (string Agent, Quantities What)> _held = [];
    private readonly Dictionary<AttemptKey, ResourceClaim> _line = [];
    private readonly HashSet<AttemptKey> _over = [];
    private readonly Dictionary<string, Quantities> _sizes = [];

    public void Follow(PoolOperation operation, PoolAnswer answer, Pool pool, PoolChanges changes)
    {
        if (operation is PoolOperation.ClaimRoom claim) { Expect(claim.Wish, answer, changes); }
        if (operation is PoolOperation.Announce { What: var said } && changes.Announced.ContainsKey(said.Id)) { _sizes[said.Id] = said.Capacity; }
        foreach (var entry in changes.Entries) { Move(entry, pool, operation); }
        switch (operation)
        {
            case PoolOperation.ClaimRoom { Wish: var wish } when answer is ClaimAnswer.Waits: _ = _line.TryAdd(wish.Attempt, wish); break;
            case PoolOperation.ReleaseRoom release:
                Assert.False(_held.ContainsKey(release.Attempt), $"{release.Attempt} still holds something");
                _ = _line.Remove(release.Attempt);
                _ = _over.Add(release.Attempt);
                break;
            case PoolOperation.Leave { AgentId: var id, Incarnation: var incarnation }
                when pool.Agents.TryGetValue(id, out var left) && left.Facts.Incarnation == incarnation:
                Assert.DoesNotContain(_held, one => one.Value.Agent == id);
                break;
            default: break;
        }

        Check(pool);
    }

    private void Expect(ResourceClaim wish, PoolAnswer answer, PoolChanges changes)
    {
        var attempt = wish.Attempt;
        var newer = _held.Keys.Concat(_line.Keys).Concat(_over).Any(one => one.TaskId == attempt.TaskId && one.Attempt > attempt.Attempt);
        if (_held.TryGetValue(attempt, out var place))
        {
            Assert.Equal(place, (Assert.IsType<ClaimAnswer.Granted>(answer).Place.AgentId!, ((ClaimAnswer.Granted)answer).Place.Held));
        }
        else if (_line.ContainsKey(attempt)) { _ = Assert.IsType<ClaimAnswer.Waits>(answer); }
        else if (_over.Contains(attempt) || newer) { _ = Assert.IsType<ClaimAnswer.Closed>(answer); }
        else
        {
            Assert.IsNotType<ClaimAnswer.Closed>(answer);
            _line[attempt] = wish;
            foreach (var older in _line.Keys.Where(one => one.TaskId == attempt.TaskId && one.Attempt < attempt.Attempt).ToList())
            {
                _ = _line.Remove(older);
                _ = _over.Add(older);
            }

            if (answer is ClaimAnswer.Denied) { _ = _line.Remove(attempt); }
            Assert.Equal(answer is ClaimAnswer.Granted, changes.Entries.Any(entry => entry.Attempt == attempt && entry.Delta.Slots > 0));
        }
    }

    private void Move(LedgerEntry entry, Pool pool, PoolOperation operation)
    {
        if (entry.Delta.Slots < 0)
        {
            Assert.True(_held.Remove(entry.Attempt, out var held), $"{entry.Attempt} gives back what it does not hold, at {operation}");
            Assert.Equal((entry.AgentId, -entry.Delta), held);
            _ = _over.Add(entry.Attempt);
            return;
        }

        Assert.True(_line.Remove(entry.Attempt, out var claim), $"{entry.Attempt} gets room and does not wait for it, at {operation}");
        Assert.Equal(claim.Wanted, entry.Delta);
        Assert.Equal(Standing.Online, pool.Agents[entry.AgentId].Facts.Standing);
        Assert.True(claim.Wanted.FitsIn(RoomOn(entry.AgentId)), $"{entry.AgentId} is overdrawn by {entry}, at {operation}");
        _held.Add(entry.Attempt, (entry.AgentId, entry.Delta));
    }

    private void Check(Pool pool)
    {
        foreach (var agent in pool.Agents.Values) { Assert.Equal(UsedOn(agent.Id), agent.Ledger.Used); }
        Assert.Equal(_held.Count, _held.Keys.Select(attempt => attempt.TaskId).Distinct().Count());
        Assert.Equal(_line.Keys.Order(Comparer<AttemptKey>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))),
            pool.Line.InOrder.Select(claim => claim.Attempt).Order(Comparer<AttemptKey>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))));
        Assert.All(_line.Values, claim => Assert.DoesNotContain(pool.Agents.Values, agent => agent.Facts.Standing == Standing.Online
            && claim.Wanted.FitsIn(RoomOn(agent.Id))));
    }

    // Of what an agent has less than is held there, nothing is left; of the rest there may be.
    private Quantities RoomOn(string agent) => Quantities.Max(Quantities.None, _sizes[agent] - UsedOn(agent));

    private Quantities UsedOn(string agent) => _held.Values.Where(one => one.Agent == agent)
        .Aggregate(Quantities.None, (sum, one) => sum + one.What);
}

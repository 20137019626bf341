using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Any sequence of claims, repeats, releases, strangers, losses and changes of size keeps the books (reliability M1).</summary>
[Trait("Requirement", "24")]
[Trait("Requirement", "25")]
[Trait("Requirement", "26")]
public sealed class PoolProperties
{
    public sealed record Step(int Kind, int Task, int Attempt, int Agent, int Size);

    private static readonly Gen<Step[]> Steps = Gen.ArrayOf(
        from kind in Gen.Choose(0, 20)
        from task in Gen.Choose(0, 11)
        from attempt in Gen.Choose(1, 3)
        from agent in Gen.Choose(0, 2)
        from size in Gen.Choose(0, 4)
        select new Step(kind, task, attempt, agent, size));

    [Fact]
    public void The_books_hold_after_every_step() => Run(steps =>
    {
        var (pool, replay, now) = (new Pool(TimeSpan.FromHours(24)), new Dictionary<string, Quantities>(), Claims.Noon);
        foreach (var step in steps)
        {
            now = now.AddSeconds(1);
            _ = pool.Do(Operation(step), now);
            Replay(pool, replay);
            Check(pool, replay, step);
        }
    });

    [Fact]
    public void The_same_claim_gets_the_same_answer_again() => Run(steps =>
    {
        var pool = new Pool(TimeSpan.FromHours(24));
        foreach (var step in steps)
        {
            var first = pool.Do(Operation(step), Claims.Noon);
            if (first is not ClaimAnswer) { continue; }
            _ = pool.TakeChanges();
            Assert.Equal(first.GetType(), pool.Do(Operation(step), Claims.Noon).GetType());
            Assert.True(pool.TakeChanges().None, $"a repeat of {step} changed something");
        }
    });

    [Fact]
    public void Whoever_waits_and_fits_somewhere_is_placed_in_the_end() => Run(steps =>
    {
        var pool = new Pool(TimeSpan.FromHours(24));
        foreach (var step in steps) { _ = pool.Do(Operation(step), Claims.Noon); }
        for (var agent = 0; agent < 3; agent++)
        {
            _ = pool.Do(new PoolOperation.Announce(Fleet("a" + agent, 2, 4, 99).Labelled(("zone", "eu"))), Claims.Noon);
            _ = pool.Do(new PoolOperation.Steer("a" + agent, SteerAction.Uncordon, null), Claims.Noon);
        }

        while (pool.Line.Count > 0)
        {
            var held = pool.Reservations.Values.Where(reservation => reservation.Active).ToList();
            Assert.True(held.Count > 0, "somebody waits although nobody holds anything");
            _ = pool.Do(new PoolOperation.ReleaseRoom(held[0].Attempt), Claims.Noon);
        }
    });

    private static PoolOperation Operation(Step step)
    {
        var (task, agent, incarnation) = ("t" + step.Task, "a" + step.Agent, step.Attempt);
        return step.Kind switch
        {
            < 8 => new PoolOperation.ClaimRoom(Claims.Of(task, step.Attempt, memoryMib: step.Size, gpus: step.Task % 3, enqueuedS: step.Task,
                excluded: step.Size == 4 ? [agent] : [], place: step.Task % 4 == 3 ? Claims.Where("zone", "eu") : null)),
            < 12 => new PoolOperation.ReleaseRoom(new AttemptKey(task, step.Attempt)),
            12 => new PoolOperation.ReleaseRoom(new AttemptKey(task, step.Attempt), [agent + "/memory", $"{agent}/gpu/g{step.Size}"]),
            // The devices have other names, and the agent stands elsewhere, with every size: nothing of it may confuse the books.
            < 16 => new PoolOperation.Announce(Fleet(agent, step.Size + 1, step.Size * 2, incarnation) with
            {
                Devices = [$"g{step.Size}", $"g{step.Size + 1}"],
                Labels = new Dictionary<string, string> { ["zone"] = step.Size % 2 == 0 ? "eu" : "us" },
            }),
            16 => new PoolOperation.Beat(agent, incarnation),
            17 => new PoolOperation.Drain(agent, incarnation),
            18 => new PoolOperation.Leave(agent, incarnation),
            19 => new PoolOperation.Steer(agent, (SteerAction)((step.Size % 3) + 1), null),
            _ => new PoolOperation.Reap(TimeSpan.FromSeconds(step.Size * 3)),
        };
    }

    private static Announcement Fleet(string id, long slots, long memoryMib, long incarnation) =>
        Claims.Agent(id, slots, memoryMib, gpus: 2, incarnation: incarnation);

    private static void Replay(Pool pool, Dictionary<string, Quantities> replay)
    {
        foreach (var entry in pool.TakeChanges().Entries)
        {
            var used = replay[entry.AgentId] = replay.GetValueOrDefault(entry.AgentId) + entry.Delta;
            Assert.Equal(entry.UsedAfter, used);
            Assert.True(used.FitsIn(entry.CapacityAfter) && Quantities.None.FitsIn(used), $"overdrawn by {entry}");
        }
    }

    private static void Check(Pool pool, Dictionary<string, Quantities> replay, Step step)
    {
        var active = pool.Reservations.Values.Where(reservation => reservation.Active).ToList();
        foreach (var agent in pool.Agents.Values)
        {
            var sum = active.Where(held => held.AgentId == agent.Id).Aggregate(Quantities.None,
                (total, held) => total + held.Held);
            Assert.Equal(sum, agent.Ledger.Used);
            Assert.Equal(replay.GetValueOrDefault(agent.Id), agent.Ledger.Used);
            if (agent.Facts.Standing == Standing.Offline) { Assert.Equal(Quantities.None, agent.Ledger.Used); }
        }

        Assert.All(active, held => Assert.Equal(held.Held.Gpus, held.GpuIds.Count));
        var devices = active.SelectMany(held => held.GpuIds.Select(device => (held.AgentId, device))).ToList();
        Assert.True(devices.Count == devices.Distinct().Count(), $"one device in two hands after {step}");
        Assert.Equal(active.Count, active.Select(held => held.Attempt.TaskId).Distinct().Count());
        Assert.All(pool.Line.InOrder, claim => Assert.False(pool.Reservations.ContainsKey(claim.Attempt)));
        // Nobody waits who could be served: this is what lets a new claim that fits go ahead at once.
        Assert.All(pool.Line.InOrder, claim =>
            Assert.True(Placement.Choose(claim, pool.Agents.Values) is null,
                $"{claim.Attempt} waits for nothing after {step}"));
    }

    private static void Run(Action<Step[]> holds) =>
        Prop.ForAll(Arb.From(Steps, Smaller), steps => holds(steps))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(600).WithEndSize(150));

    private static IEnumerable<Step[]> Smaller(Step[] steps) =>
        steps.Select((_, i) => steps.Where((_, j) => j != i).ToArray());
}

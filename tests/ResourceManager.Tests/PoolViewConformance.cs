using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Views;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>What every implementation of <see cref="IPool"/> shows alike, besides what it does.</summary>
[Trait("Requirement", "25")]
[Trait("Requirement", "26")]
public abstract class PoolViewConformance : PoolConformance
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task The_line_is_shown_in_its_order_piece_by_piece_and_whole()
    {
        string[] order = ["urgent", "old", "t1", "t2", "t3"];
        await Wait(Claims.Of("t3", enqueuedS: 3), Claims.Of("t1", enqueuedS: 1), Claims.Of("urgent", priority: 4, enqueuedS: 5),
            Claims.Of("t2", enqueuedS: 2, type: "image.draw"), Claims.Of("old", enqueuedS: -30));

        var shown = new List<(int, string)>();
        LineKey? after = null;
        do
        {
            var page = LineView.Of(await Pool.Line(after, 2, None), TimeSpan.FromHours(24));
            Assert.Equal(5, page.Length);
            shown.AddRange(page.Entries.Select(entry => (entry.Position, entry.TaskId)));
            Assert.All(page.Entries, entry => Assert.Equal("NO_AGENT_FOR_TYPE", entry.Reason.Code));
            after = page.Next is { } next ? LineView.Key(next) : null;
        }
        while (after is not null);

        Assert.Equal(order.Select((task, index) => (index + 1, task)), shown);
    }

    [Fact]
    public async Task An_entry_of_the_line_says_what_orders_it()
    {
        await Wait(Claims.Of("t", priority: 3, memoryMib: 512, pin: "b"));

        var entry = Assert.Single(LineView.Of(await Pool.Line(null, 10, None), TimeSpan.FromHours(24)).Entries);

        Assert.Equal((Claims.Noon, Claims.Noon.AddSeconds(-180), 180d), (entry.EnqueuedAt, entry.OrderKey, entry.HeadStartS));
        Assert.Equal(("b", 0.5, "PINNED_AGENT_OFFLINE"), (entry.ResponderAgentId, entry.Wanted.MemoryGb, entry.Reason.Code));
        Assert.Null(entry.Deadline);
    }

    [Fact]
    public async Task A_claim_is_shown_with_what_stands_before_it_and_who_holds_its_room()
    {
        await Pool.Announce(Claims.Agent("a", slots: 1, memoryMib: 100), None);
        _ = await Pool.Claim(Claims.Of("holder", memoryMib: 60), None);
        await Wait(Claims.Of("before", enqueuedS: -1), Claims.Of("t"), Claims.Of("behind", enqueuedS: 1));

        var seen = await Pool.Look("t", None);

        Assert.NotNull(seen);
        Assert.Equal((Claims.Key("t"), 1, 3), (seen.Claim.Attempt, seen.AheadCount, seen.Length));
        Assert.Equal(["before"], seen.Ahead.Select(claim => claim.Attempt.TaskId));
        var held = Assert.Single(seen.Pool.Held);
        Assert.Equal(("holder", "data.analysis", 60L), (held.Attempt.TaskId, held.TaskType, held.Held.MemoryMib));
        Assert.Null(await Pool.Look("holder", None));
        Assert.Null(await Pool.Look("nobody", None));
    }

    [Fact]
    public async Task The_matrix_says_what_there_is_and_who_holds_it_until_when()
    {
        await Pool.Announce(Claims.Agent("a", slots: 4, memoryMib: 2048, gpus: 2), None);
        await Pool.Announce(Claims.Agent("away", slots: 9), None);
        await Pool.Leave("away", 1, None);
        _ = await Pool.Claim(Claims.Of("t", memoryMib: 512, gpus: 1), None);

        var matrix = ResourceMatrix.Of(await Pool.Look(None), TimeSpan.FromSeconds(20));

        Assert.Equal(["a online", "away offline"], matrix.Agents.Select(agent => $"{agent.AgentId} {agent.State}"));
        Assert.Equal(["slot 4 1 3", "cpu 0 0 0", "memory 2 0.5 1.5", "storage 0 0 0", "gpu 2 1 1"],
            matrix.Totals.Select(kind => FormattableString.Invariant($"{kind.Kind} {kind.Capacity} {kind.Used} {kind.Free}")));
        var holder = Assert.Single(matrix.Agents[0].Holders);
        Assert.Equal(("t", "data.analysis"), (holder.TaskId, holder.TaskType));
        Assert.Equal(["a/slot", "a/memory", "a/gpu/0"], holder.Resources.Select(resource => resource.ResourceId));
        Assert.InRange(matrix.Agents[0].LeaseUntil!.Value - matrix.At, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Null(matrix.Agents[1].LeaseUntil);
    }

    [Fact]
    public async Task What_is_taken_back_serves_who_waits_and_its_attempt_is_over()
    {
        await Pool.Announce(Claims.Agent("a", slots: 1), None);
        _ = await Pool.Claim(Claims.Of("stray"), None);
        await Wait(Claims.Of("t"));

        await Pool.Reclaim(Claims.Key("stray"), "TASK_ENDED", None);
        await Pool.Reclaim(Claims.Key("stray"), "TASK_ENDED", None);

        Assert.Equal("t", Assert.Single((await Pool.Look(None)).Held).Attempt.TaskId);
        Assert.IsType<ClaimAnswer.Closed>(await Pool.Claim(Claims.Of("stray"), None));
    }

    [Fact]
    public async Task A_changed_reason_is_told_once_to_everybody_it_holds_for()
    {
        await Wait(Claims.Of("1"), Claims.Of("2"), Claims.Of("other", type: "image.draw"));
        Assert.Equal(0, await Pool.TellReasons(100, None));

        await Pool.Announce(Claims.Agent("a", slots: 1, types: "data.*"), None); // takes 1, and 2 waits for its slot now
        Assert.Equal(1, await Pool.TellReasons(100, None));
        Assert.Equal(0, await Pool.TellReasons(100, None));

        Assert.Equal(("2", 1, "AGENT_CAPACITY"), Told("2").Select(said => (said.TaskId, said.Attempt, said.Code)).Single());
        Assert.Empty(Told("1"));
        Assert.Empty(Told("other"));
    }

    [Fact]
    public async Task The_front_of_the_line_is_told_first_and_the_others_the_next_time()
    {
        await Pool.Announce(Claims.Agent("a", slots: 1), None);
        _ = await Pool.Claim(Claims.Of("holder"), None);
        await Wait(Claims.Of("late", enqueuedS: 2), Claims.Of("early", enqueuedS: 1));
        await Pool.Drain("a", 1, None);

        Assert.Equal(1, await Pool.TellReasons(1, None));
        Assert.Equal((1, 0), (Told("early").Count, Told("late").Count));
        Assert.Equal(1, await Pool.TellReasons(1, None));
        Assert.Equal("NO_AGENT_FOR_TYPE", Told("late").Single().Code);
        _ = await Pool.Release(Claims.Key("late"), null, None); // it can still be taken out of the line
        Assert.Equal(1, (await Pool.Line(null, 10, None)).Length);
    }

    private IReadOnlyList<ResourcesWaiting> Told(string task) => [.. SaidAbout(task).OfType<ResourcesWaiting>()];

    private async Task Wait(params ResourceClaim[] claims)
    {
        foreach (var claim in claims) { Assert.IsType<ClaimAnswer.Waits>(await Pool.Claim(claim, None)); }
    }
}

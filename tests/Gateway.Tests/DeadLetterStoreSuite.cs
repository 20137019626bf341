using A2A.Micro.Gateway.DeadLetters;

namespace A2A.Micro.Gateway.Tests;

/// <summary>What every record of dead letters does, wherever it is kept.</summary>
[Trait("Requirement", "39")]
[Trait("Requirement", "49")]
[Trait("Requirement", "55")]
public abstract class DeadLetterStoreSuite
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    protected abstract IDeadLetterStore Store { get; }

    [Fact]
    public async Task A_message_that_comes_again_is_one_letter_until_it_was_sent_away()
    {
        var letter = Letter("m");
        await Store.Keep(letter, default);
        await Store.Keep(letter with { Reason = "again" }, default);
        Assert.Equal((1, "because"), ((await Find("m")).Deaths, (await Find("m")).Reason));

        Assert.Single(await Store.Move([Move("m", LetterState.Waiting, Noon)], default));
        Assert.Single(await Store.Move([Move("m", LetterState.Replayed)], default));
        await Store.Keep(letter with { Reason = "and again" }, default);
        var back = await Find("m");
        Assert.Equal((LetterState.Parked, 2, "and again", (DateTimeOffset?)null), (back.State, back.Deaths, back.Reason, back.ReplayAt));
    }

    [Theory]
    [InlineData(LetterState.Parked, LetterState.Waiting)]
    [InlineData(LetterState.Parked, LetterState.Replayed)]
    [InlineData(LetterState.Parked, LetterState.Discarded)]
    [InlineData(LetterState.Waiting, LetterState.Waiting)]
    [InlineData(LetterState.Waiting, LetterState.Replayed)]
    [InlineData(LetterState.Waiting, LetterState.Discarded)]
    [InlineData(LetterState.Replayed, LetterState.Waiting)]
    [InlineData(LetterState.Replayed, LetterState.Discarded)]
    [InlineData(LetterState.Discarded, LetterState.Waiting)]
    [InlineData(LetterState.Discarded, LetterState.Replayed)]
    public async Task A_letter_moves_as_the_rules_say(LetterState from, LetterState to)
    {
        await Store.Keep(Letter("m"), default);
        LetterState[] way = from switch
        {
            LetterState.Waiting => [LetterState.Waiting],
            LetterState.Replayed => [LetterState.Waiting, LetterState.Replayed],
            LetterState.Discarded => [LetterState.Discarded],
            _ => [],
        };
        foreach (var step in way) { Assert.Single(await Store.Move([Move("m", step, Noon)], default)); }
        var moved = await Store.Move([Move("m", to, Noon)], default);
        Assert.Equal(DeadLetterRules.MayMove(from, to), moved.Count == 1);
        Assert.Equal(moved.Count == 1 ? to : from, (await Find("m")).State);
    }

    [Fact]
    public async Task What_is_due_is_taken_once_until_the_claim_is_over_and_what_was_edited_goes_out_edited()
    {
        await Store.Keep(Letter("now"), default);
        await Store.Keep(Letter("later"), default);
        _ = await Store.Move(
        [
            Move("now", LetterState.Waiting, DateTimeOffset.UnixEpoch) with { Body = [7, 0, 8] },
            Move("later", LetterState.Waiting, Noon.AddYears(100)),
        ], default);
        var due = Assert.Single(await Store.TakeDue(10, default));
        Assert.Equal(("letter-now", true), (due.LetterId, due.Edited));
        Assert.Equal([7, 0, 8], due.Body);
        Assert.Empty(await Store.TakeDue(10, default));
    }

    [Fact]
    public async Task A_list_is_filtered_and_paged_the_last_parked_first()
    {
        for (var i = 0; i < 5; i++)
        {
            var queue = i == 4 ? "other" : "scheduler.tasks";
            await Store.Keep(Letter($"m{i}") with { ParkedAt = Noon.AddSeconds(i / 2), Queue = queue, TaskId = $"t{i}" }, default);
        }

        _ = await Store.Move([Move("m0", LetterState.Discarded)], default);
        Assert.Equal(["m4", "m2", "m3", "m1"], await Listed(new LetterFilter()));
        Assert.Equal(["m4"], await Listed(new LetterFilter { Queue = "other" }));
        Assert.Equal(["m0"], await Listed(new LetterFilter { State = LetterState.Discarded }));
        Assert.Equal(["m2"], await Listed(new LetterFilter { TaskId = "t2", MessageType = "task.submit", Error = "Oops" }));
        Assert.Empty(await Listed(new LetterFilter { MessageType = "task.status" }));
        var page = await Store.List(new LetterFilter { Limit = 2 }, default);
        Assert.Equal(["m3", "m1"], await Listed(new LetterFilter { After = (page[^1].ParkedAt, page[^1].LetterId) }));
        Assert.All(page, letter => Assert.Empty(letter.Body));
        Assert.Equal(
            [("other", LetterState.Parked, 1L), ("scheduler.tasks", LetterState.Parked, 3L), ("scheduler.tasks", LetterState.Discarded, 1L)],
            (await Store.Count(default)).Select(count => (count.Queue, count.State, count.Count)).Order());
    }

    [Fact]
    public async Task Only_what_was_dealt_with_is_deleted()
    {
        foreach (var name in new[] { "parked", "waiting", "gone" }) { await Store.Keep(Letter(name), default); }
        _ = await Store.Move([Move("waiting", LetterState.Waiting, Noon)], default);
        _ = await Store.Move([Move("gone", LetterState.Discarded)], default);
        Assert.Equal(0, await Store.Purge(TimeSpan.FromDays(1), 10, default));
        Assert.Equal(1, await Store.Purge(TimeSpan.FromDays(-1), 10, default));
        Assert.Null(await Store.Find("letter-gone", default));
    }

    private async Task<DeadLetterRow> Find(string name) => (await Store.Find("letter-" + name, default))!;

    private async Task<IEnumerable<string>> Listed(LetterFilter filter) =>
        (await Store.List(filter, default)).Select(letter => letter.LetterId["letter-".Length..]);

    private static LetterMove Move(string name, LetterState to, DateTimeOffset? at = null) => new("letter-" + name, to, at);

    private static DeadLetterRow Letter(string name) => new()
    {
        LetterId = "letter-" + name,
        Queue = "scheduler.tasks",
        Cause = LetterCause.Failed,
        State = LetterState.Parked,
        MessageType = "task.submit",
        Error = "Oops",
        Reason = "because",
        Body = [1, 2, 3],
        Headers = "{}",
        ParkedAt = Noon,
        UpdatedAt = Noon,
    };
}

public sealed class InMemoryDeadLetterStoreTests : DeadLetterStoreSuite
{
    protected override IDeadLetterStore Store { get; } = new InMemoryDeadLetterStore(TimeProvider.System);
}

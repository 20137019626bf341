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

    [Fact]
    [Trait("Requirement", "45")]
    public async Task What_did_not_fit_is_judged_once_by_each_contract_but_the_one_that_refused_it()
    {
        await Store.Keep(Unfit("old", null), default);
        await Store.Keep(Unfit("new", "1+a"), default);
        await Store.Keep(Letter("other"), default);
        Assert.Equal(["old"], await Unjudged("1+a"));
        Assert.Equal(["old", "new"], await Unjudged("2+b"));

        Assert.Equal(2, (await Store.Judge("2+b", [Verdict("old", false), Verdict("new", false), Verdict("other", true), Verdict("no", true)], default)).Count);
        Assert.Empty(await Unjudged("2+b"));
        Assert.Empty(await Store.Judge("2+b", [Verdict("old", true), Verdict("new", true)], default));
        var stays = await Find("new");
        Assert.Equal((LetterState.Parked, "1+a", "2+b", (DateTimeOffset?)null), (stays.State, stays.ParkedBy, stays.JudgedBy, stays.ResentAt));
        Assert.NotNull(stays.JudgedAt);
        Assert.Null((await Find("other")).JudgedAt);
        Assert.Equal(["old", "new"], await Unjudged("3+c"));
        Assert.Equal([1, 2, 3], (await Store.Unjudged("3+c", 1, default)).Single().Body);
    }

    [Fact]
    [Trait("Requirement", "45")]
    public async Task Several_who_judge_at_once_send_each_letter_once_and_together_no_faster_than_one()
    {
        var names = Enumerable.Range(0, 24).Select(i => $"m{i:d2}").ToList();
        foreach (var name in names) { await Store.Keep(Unfit(name, null), default); }
        var verdicts = names.ConvertAll(name => Verdict(name, true));
        var written = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(i => Task.Run(() => Store.Judge("2+b", [.. verdicts.Skip(i * 4).Concat(verdicts.Take(i * 4))], default))));
        Assert.Equal(names, written.SelectMany(one => one).Select(one => one.LetterId["letter-".Length..]).Order(StringComparer.Ordinal));

        _ = await Store.Judge("3+c", verdicts, default);
        await Store.Keep(Unfit("late", null), default);
        Assert.Single(await Store.Judge("2+b", [Verdict("late", true)], default));
        var rows = new List<DeadLetterRow>();
        foreach (var name in names.Append("late")) { rows.Add(await Find(name)); }
        Assert.All(rows, row => Assert.Equal((LetterState.Waiting, "2+b", row.ReplayAt), (row.State, row.JudgedBy, row.ResentAt)));
        var turns = rows.Select(row => row.ResentAt!.Value).Order().ToList();
        Assert.Equal(rows[^1].ResentAt, turns[^1]);
        Assert.All(turns.Zip(turns.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromMilliseconds(100), $"{pair}"));
    }

    [Fact]
    [Trait("Requirement", "45")]
    public async Task A_letter_that_comes_back_is_not_sent_again_by_who_sent_it()
    {
        await Store.Keep(Unfit("m", "1+a"), default);
        _ = await Store.Judge("2+b", [Verdict("m", true)], default);
        Assert.Single(await Store.Move([Move("m", LetterState.Replayed)], default));
        Assert.NotNull((await Find("m")).ResentAt);
        await Store.Keep(Unfit("m", "0+z"), default);
        var back = await Find("m");
        Assert.Equal(("0+z", "2+b", (DateTimeOffset?)null), (back.ParkedBy, back.JudgedBy, back.ResentAt));
        Assert.Equal(["1+a", "2+b", "0+z"], back.Judges);
        Assert.Empty(await Unjudged("2+b"));

        Assert.Single(await Store.Judge("3+c", [Verdict("m", true)], default));
        Assert.Single(await Store.Move([Move("m", LetterState.Discarded)], default));
        Assert.Single(await Store.Move([Move("m", LetterState.Waiting, Noon)], default));
        Assert.Null((await Find("m")).ResentAt);
    }

    [Fact]
    [Trait("Requirement", "45")]
    public async Task A_letter_remembers_its_last_judges_only()
    {
        await Store.Keep(Unfit("m", "0+z"), default);
        var contracts = Enumerable.Range(1, 10).Select(i => $"{i}+x").ToList();
        foreach (var contract in contracts) { Assert.Single(await Store.Judge(contract, [Verdict("m", false)], default)); }
        Assert.Equal(contracts.TakeLast(DeadLetterRules.JudgesMax), (await Find("m")).Judges);
        _ = await Store.Move([Move("m", LetterState.Waiting, Noon)], default);
        _ = await Store.Move([Move("m", LetterState.Replayed)], default);
        await Store.Keep(Unfit("m", "11+x"), default);
        Assert.Equal([.. contracts.TakeLast(DeadLetterRules.JudgesMax - 1), "11+x"], (await Find("m")).Judges);
    }

    private static LetterVerdict Verdict(string name, bool fits) => new("letter-" + name, fits);

    private static DeadLetterRow Unfit(string name, string? contract) => Letter(name) with
    {
        Reason = "MSG001 #/task_id: a text is expected",
        ParkedBy = contract,
        Judges = contract is null ? [] : [contract],
        ParkedAt = Noon.AddSeconds(name == "new" ? 1 : 0),
    };

    private async Task<IEnumerable<string>> Unjudged(string contract) =>
        (await Store.Unjudged(contract, 10, default)).Select(letter => letter.LetterId["letter-".Length..]);

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

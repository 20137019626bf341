using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.StateSync.States;

namespace A2A.Micro.StateSync.Tests;

/// <summary>Partial results, amendments, questions and the commands behind steps.</summary>
public abstract partial class StateStoreSuite
{
    [Fact]
    public async Task Partial_results_are_listed_with_their_tokens_and_nothing_else_is()
    {
        var life = Life.Running("parts").Part(0.2, """{"kind":"partial","z":"\u0000"}""").Report(0.3).Part(0.5, "[1]", "row 7");
        await Tell(life.Move(TaskState.Paused).Part(0.6, "[2]", "row 8"));

        var parts = await Queries.Partials("parts", 0, 100, default);

        Assert.Equal([(0.2, null), (0.5, "row 7"), (0.6, "row 8")], parts.Select(part => (part.CompletedPortion!.Value, part.ResumeToken)));
        Assert.All(parts, part => Assert.Equal((1, "agent-1", "partial"), (part.Attempt, part.AgentId, part.Kind)));
        Assert.Equal(parts[1], Assert.Single(await Queries.Partials("parts", parts[0].Version, 1, default)), SameVersion);
        Assert.Empty(await Queries.Partials("never-seen", 0, 100, default));
    }

    [Fact]
    public async Task A_partial_result_that_the_end_overtook_is_listed_and_the_end_is_announced_again_as_it_was()
    {
        var life = Life.Running("late").Complete();
        await Tell(life);
        var end = life.Last;
        var part = life.Part(1, "[2]", number: 2).Last;

        var late = await Apply(part);
        var before = await Apply(life.Part(0.5, "[1]", number: 1).Last);
        var redelivered = await Apply(part);
        var ended = await Apply(end);

        Assert.Equal([(6L, 2), (7L, 1)], (await Queries.Partials("late", 0, 100, default)).Select(one => (one.Version, one.PartialNumber!.Value)));
        Assert.Equal((TaskState.Completed, 7L), ((await Found("late")).State, (await Found("late")).Version));
        Assert.Equal("""{"rows":1.0}""", (await Found("late")).Result?.GetRawText());
        Assert.Equal((false, false, false, true), (late.Ends, before.Ends, redelivered.Ends, ended.Ends));
        Assert.Equal(RefusalKind.Repeated, Assert.Single(redelivered.Refusals).Kind);
        Assert.Equal(5, ended.Announcements.First().Version);
    }

    [Fact]
    public async Task Partial_results_that_came_too_early_wait_each_for_itself()
    {
        var life = new Life("early-parts").Submit().Queue().Offer("agent-1");
        await Tell(life);
        var parts = new[] { 3, 1, 2 }.Select(number => life.Part(number / 10.0, $"[{number}]", number: number).Last).ToList();
        Assert.All(await Tell(parts), answer => Assert.True(answer.HeldBack));
        Assert.Equal(0, await Store.DropReports(Clock.GetUtcNow().AddMinutes(-1), default));

        await Apply(life.Run().Last);

        Assert.Equal([1, 2, 3], (await Queries.Partials("early-parts", 0, 100, default)).Select(one => one.PartialNumber!.Value));
        Assert.Equal(0, await Store.DropReports(Clock.GetUtcNow().AddMinutes(1), default));
        Assert.Equal(RefusalKind.Repeated, Assert.Single((await Apply(parts[1])).Refusals).Kind);
    }

    [Fact]
    public async Task What_was_amended_is_what_readers_see_and_the_rest_stays()
    {
        var later = Clock.GetUtcNow().AddDays(3);
        await Tell(new Life("amended").Submit(parameters: """{"a":1.0}""", metadata: """{"b":2}""").Queue());
        await Tell(new Life("amended").Submit().Queue().Amend(new TaskAmendment { Priority = 4, Deadline = later }));
        var first = await Found("amended");
        await Tell(new Life("amended").Submit().Queue().Move(TaskState.Queued).Amend(new TaskAmendment
        {
            Metadata = Life.Json("""{"c":3.0}"""),
            Parameters = Life.Json("""{"a":1.0}"""),
            NoDeadline = true,
        }));

        var second = await Found("amended");

        Assert.Equal((4, later, """{"a":1.0}""", """{"b":2}"""),
            (first.Priority, first.Deadline, first.Parameters?.GetRawText(), first.Metadata?.GetRawText()));
        Assert.Equal((4, null, """{"a":1.0}""", """{"c":3.0}"""),
            (second.Priority, second.Deadline, second.Parameters?.GetRawText(), second.Metadata?.GetRawText()));
    }

    [Fact]
    public async Task A_question_is_shown_while_it_is_open_and_steps_name_their_command()
    {
        var life = Life.Running("asks").Ask("colour");
        await Tell(life);
        Assert.Equal("colour", (await Found("asks")).Question?.Key);
        await Apply(life.Move(TaskState.Running, command: "c-1").Last);
        Assert.Null((await Found("asks")).Question);
        Assert.Equal("c-1", (await Queries.History("asks", 5, 10, default))[0].CommandId);
    }

    private static bool SameVersion(TaskChange left, TaskChange right) => left.Version == right.Version;
}

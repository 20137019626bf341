using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

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

using System.Security.Cryptography;
using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>An agent is lost in the middle of its work, for good or for a while (requirements 28, 72).</summary>
[Trait("Requirement", "25")]
[Trait("Requirement", "28")]
[Trait("Requirement", "72")]
public sealed class AgentKilledTests(Studio studio) : StudioTests(studio)
{
    private const int Rows = 400;

    [Fact]
    [Trait("Requirement", "47")]
    public async Task The_work_of_a_killed_agent_is_done_by_another_one()
    {
        var id = await System.SubmitId(Caller.Picture(Rows));
        var first = await Underway(id);

        var died = await System.Database.Read<DateTime>("select clock_timestamp()");
        await System.Kill(first);
        var task = await System.Ended(id);

        IsDoneOnce(task, await System.History(id));
        Assert.NotEqual(first, task.Text("agent_id"));
        await System.RoomCameBack(id, died);
        // Back again, it finds out from its queue that the work is no longer its own.
        await System.StartAgain(first);
        await System.AgentsAreOnline();
        await System.NothingIsLeft();
    }

    [Fact]
    public async Task A_restarted_agent_does_the_work_that_it_lost()
    {
        var id = await System.SubmitId(Direct("painter-a"));
        _ = await Underway(id);

        await System.Kill("painter-a");
        await System.StartAgain("painter-a");
        var task = await System.Ended(id);

        IsDoneOnce(task, await System.History(id));
        Assert.Equal("painter-a", task.Text("agent_id"));
        await System.NothingIsLeft();
    }

    [Fact]
    public async Task An_agent_that_slept_through_its_lease_changes_nothing_when_it_wakes()
    {
        var id = await System.SubmitId(Caller.Picture(Rows));
        var sleeper = await Underway(id);

        System[sleeper].Freeze();
        _ = await System.Until(id, task => task.Whole("attempt") == 2, "is tried again");
        System[sleeper].Thaw();
        var task = await System.Ended(id);

        IsDoneOnce(task, await System.History(id));
        Assert.NotEqual(sleeper, task.Text("agent_id"));
        // It is an agent like any other again, and says so by working.
        await System.AgentsAreOnline();
        var next = await System.Ended(await System.SubmitId(Direct(sleeper, rows: 16)));
        Assert.Equal(("completed", sleeper), (next.Text("state"), next.Text("agent_id")));
        Assert.Equal(task.Whole("version"), (await System.Get("/v1/tasks/" + id)).Whole("version"));
        await System.NothingIsLeft();
    }

    private static object Direct(string agent, int rows = Rows) => new
    {
        task_type = "image.generation",
        responder_agent_id = agent,
        parameters = new { width = 1000, height = rows, center_x = -0.1, scale = 0.1, max_iterations = 10_000 },
    };

    private async Task<string> Underway(string id)
    {
        var task = await System.Until(
            id, task => task.Text("state") == "running" && task.GetProperty("progress").GetDouble() > 0, "is underway");
        Assert.Equal(1, task.Whole("attempt"));
        return task.Text("agent_id");
    }

    private static void IsDoneOnce(JsonElement task, IReadOnlyList<JsonElement> history)
    {
        Assert.Equal("completed", task.Text("state"));
        Assert.Equal(2, task.Whole("attempt"));
        _ = Assert.Single(history, Json.IsEnd);
        // What the result says of the file is so: the lost attempt has not written over it.
        var result = task.GetProperty("result");
        var file = File.ReadAllBytes(result.Text("path"));
        Assert.Equal(result.Text("sha256"), Convert.ToHexStringLower(SHA256.HashData(file)));
        Assert.Equal(result.Whole("bytes"), file.Length);
    }
}

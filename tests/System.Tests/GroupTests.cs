using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>Requirements 79 and 82: several agents at the same task, and processes are killed in the middle of it.</summary>
[Trait("Requirement", "79")]
[Trait("Requirement", "82")]
public sealed class GroupTests(Studio studio) : StudioTests(studio)
{
    [Fact]
    public async Task A_broadcast_whose_agent_and_Scheduler_are_killed_has_one_result_of_all()
    {
        var id = await System.SubmitId(Picture("broadcast"));
        var members = await Working(id, 3);

        await System.Kill("painter-b");
        await System.Kill("Scheduler");
        await System.StartAgain("Scheduler");
        await System.StartAgain("painter-b");
        var group = await System.Ended(id);

        Assert.Equal("completed", group.Text("state"));
        var result = group.GetProperty("result");
        Assert.Equal("""{"completed":3}""", result.GetProperty("counts").GetRawText());
        Assert.Equal(
            members.Order(), result.GetProperty("outcomes").EnumerateArray().Select(one => (one.Text("agent_id"), one.Text("task_id"))).Order());
        Assert.All(result.GetProperty("outcomes").EnumerateArray(), one => Assert.True(File.Exists(one.GetProperty("result").Text("path"))));
        await System.AgentsAreOnline();
        await System.EveryTaskEndedOnce(members.Select(member => member.Task).Append(id).ToDictionary(one => one, _ => "completed"));
    }

    [Fact]
    public async Task A_race_whose_agent_and_Scheduler_are_killed_has_one_winner_and_everybody_is_told()
    {
        var id = await System.SubmitId(Picture("competitive", competitors: 3));
        var members = await Working(id, 3);

        await System.Kill("painter-c");
        await System.Kill("Scheduler");
        await System.StartAgain("Scheduler");
        var group = await System.Ended(id);
        await System.StartAgain("painter-c");

        Assert.Equal(("completed", "RACE_WON"), (group.Text("state"), group.Text("code")));
        var winner = group.Text("agent_id");
        Assert.NotEqual("painter-c", winner);
        var states = group.GetProperty("group").GetProperty("members").EnumerateArray().ToDictionary(one => one.Text("agent_id"));
        Assert.Equal([winner], states.Values.Where(one => one.Text("state") == "completed").Select(one => one.Text("agent_id")));
        Assert.All(
            states.Values.Where(one => one.Text("agent_id") != winner),
            one => Assert.Equal(("cancelled", "LOST_RACE"), (one.Text("state"), one.Text("code"))));
        // The result is the winner's own, and a loser's end, whatever it is, has changed nothing.
        var won = await System.Ended(members.Single(member => member.Agent == winner).Task);
        Assert.Equal(won.GetProperty("result").GetRawText(), group.GetProperty("result").GetRawText());
        foreach (var (agent, task) in members.Where(member => member.Agent != winner))
        {
            var lost = await System.Ended(task);
            Assert.True(lost.Text("state") == "completed" || lost.Text("reason").Length > 0, $"{agent}: {lost}");
            var commands = (await System.Get($"/v1/tasks/{task}/commands")).GetProperty("commands").EnumerateArray().ToList();
            Assert.StartsWith("cascade-", Assert.Single(commands).Text("command_id"), StringComparison.Ordinal);
        }

        _ = Assert.Single(await System.History(id), Json.IsEnd);
        Assert.Equal(group.Whole("version"), (await System.Get("/v1/tasks/" + id)).Whole("version"));
        await System.AgentsAreOnline();
        await System.NothingIsLeft();
    }

    [Fact]
    public async Task The_tree_and_a_cancel_reach_every_member()
    {
        var id = await System.SubmitId(Picture("broadcast"));
        var members = await Working(id, 3);
        Assert.Equal(4, (await System.Get($"/v1/tasks/{id}/tree")).Whole("tasks"));

        using var answer = await System.Http.PostAsync(new Uri($"/v1/tasks/{id}/cancel", UriKind.Relative), null);

        Assert.Equal("cancelled", (await System.Ended(id)).Text("state"));
        await System.EveryTaskEndedOnce(members.Select(member => member.Task).Append(id).ToDictionary(one => one, _ => "cancelled"));
    }

    private static object Picture(string mode, int? competitors = null) => new
    {
        task_type = "image.generation",
        mode,
        competitors,
        parameters = new { width = 1000, height = 200, center_x = -0.1, scale = 0.1, max_iterations = 10_000 },
    };

    // Who the members are, once the agent of each has begun.
    private async Task<IReadOnlyList<(string Agent, string Task)>> Working(string id, int count)
    {
        var group = await System.Until(
            id, task => Members(task).Count(member => member.Text("state") == "running") == count, $"has {count} agents that work on it");
        return [.. Members(group).Select(member => (member.Text("agent_id"), member.Text("task_id")))];
    }

    private static IEnumerable<JsonElement> Members(JsonElement task) => task.GetProperty("group").GetProperty("members").EnumerateArray();
}

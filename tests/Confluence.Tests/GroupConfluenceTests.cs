using System.Net.Http.Json;
using System.Text.Json;
using Xunit.Abstractions;

namespace A2A.Micro.Confluence.Tests;

/// <summary>
/// Requirements 79 and 82: what several agents do ends the same way, whether every message comes once and in order or several times, out of order
/// and late. A seed that fails is printed: set A2A_CONFLUENCE_SEED to see it again.
/// </summary>
public sealed class GroupConfluenceTests(ITestOutputHelper output, PostgresServer database) : IClassFixture<PostgresServer>
{
    private static readonly (string Id, object Body)[] Groups =
    [
        ("all", new { mode = "broadcast", parameters = new { mode = "plain" } }),
        ("all-again", new { mode = "broadcast", parameters = new { mode = "again" } }),
        ("all-named", new { mode = "broadcast", agents = new[] { "cyd", "ada" }, parameters = new { mode = "report" } }),
        ("all-picky", new { mode = "broadcast", parameters = new { mode = "picky" } }),
        ("any-picky", new { mode = "broadcast", completion = "any", parameters = new { mode = "picky" } }),
        ("two-picky", new { mode = "broadcast", quorum = 2, parameters = new { mode = "picky" } }),
        ("three-picky", new { mode = "broadcast", quorum = 3, parameters = new { mode = "picky" } }),
        ("race", new { mode = "competitive", competitors = 3, parameters = new { mode = "report" } }),
        ("race-named", new { mode = "competitive", agents = new[] { "bob", "cyd" }, parameters = new { mode = "picky" } }),
        ("race-in-vain", new { mode = "competitive", parameters = new { mode = "fail" } }),
        ("wait", new { mode = "broadcast", parameters = new { mode = "wait" } }),
    ];

    [Theory]
    [InlineData(false, 300)]
    [InlineData(true, 300)]
    public async Task Duplicates_disorder_and_delay_change_no_outcome_of_a_group(bool inDatabase, int longestDelayMs)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("A2A_CONFLUENCE_SEED"), out var given) ? given : new Random().Next();
        output.WriteLine($"seed {seed}");
        var calm = await Outcome(null, null);
        var treacherous = await Outcome(new Chaos(seed, TimeSpan.FromMilliseconds(longestDelayMs)), inDatabase ? database.ConnectionString : null);

        Assert.Equal(
            [
                "all: completed 3 of 3", "all-again: completed 3 of 3", "all-named: completed 2 of 2",
                "all-picky: failed GROUP_FAILED", "any-picky: completed 1 of 3",
                "two-picky: completed 2 of 3", "three-picky: failed GROUP_FAILED", "race: completed 1 of 3", "race-named: completed 1 of 2",
                "race-in-vain: failed GROUP_FAILED", "wait: cancelled CANCELLED",
            ],
            calm.Select(line => line.Split(';')[0]));
        Assert.Equal($"seed {seed}\n{string.Join('\n', calm)}", $"seed {seed}\n{string.Join('\n', treacherous)}");
    }

    private static async Task<IReadOnlyList<string>> Outcome(Chaos? chaos, string? database)
    {
        await using var world = await SmallWorld.Start(chaos, database);
        foreach (var (id, body) in Groups)
        {
            var task = JsonSerializer.SerializeToNode(body)!.AsObject();
            (task["task_id"], task["task_type"]) = (id, "test.team");
            using var accepted = await world.Http.PostAsJsonAsync("/v1/tasks", task);
            _ = accepted.EnsureSuccessStatusCode();
        }

        _ = await Until(world, "wait", task => Text(task, "state") == "running");
        using (var cancel = await world.Http.PostAsJsonAsync("/v1/tasks/wait/cancel", new { command_id = "cancel-wait" }))
        {
            _ = cancel.EnsureSuccessStatusCode();
        }

        foreach (var (id, _) in Groups) { _ = await Ended(world, id); }
        await world.Settled();
        var lines = new List<string>();
        foreach (var (id, _) in Groups) { lines.Add($"{id}: {await Line(world, await Ended(world, id))}"); }
        _ = await Eventually.Seen(
            cancel => world.Get("/v1/agents", cancel),
            list => list.GetProperty("agents").EnumerateArray().All(agent =>
                agent.GetProperty("used").EnumerateObject().All(amount => amount.Value.GetDouble() == 0)),
            "all room is given back", list => list.ToString(), TimeSpan.FromSeconds(60));
        Assert.Empty(world.Repeated);
        Assert.Empty(world.Parked);
        return lines;
    }

    private static async Task<string> Line(SmallWorld world, JsonElement group)
    {
        var members = group.GetProperty("group").GetProperty("members").EnumerateArray().ToList();
        var done = members.Count(member => Text(member, "state") == "completed");
        foreach (var member in members)
        {
            // Every member ends and is told so: what it is to the group is what it is, unless it ended before it could be told.
            var task = await Ended(world, Text(member, "task_id"));
            Assert.True(Text(member, "state") is "cancelled" || Text(member, "state") == Text(task, "state"), $"{member} but {task}");
            Assert.Equal((Text(member, "agent_id"), Text(group, "task_id")), (Text(task, "responder_agent_id"), Text(task, "parent_task_id")));
        }

        var state = Text(group, "state");
        if (state != "completed") { return $"{state} {Text(group, "code")}"; }
        // Where nobody can be spared the result is the same to the letter; else it is chance who was first.
        var result = group.GetProperty("result");
        var isWhole = done == members.Count;
        Assert.True(Text(group, "mode") == "competitive" ? Text(result, "task_id").Length > 0 : Outcomes(result) == done, result.ToString());
        return $"completed {done} of {members.Count}" + (isWhole ? "; " + Sorted(result) : "");
    }

    private static int Outcomes(JsonElement result) => result.GetProperty("outcomes").EnumerateArray().Count(one => Text(one, "state") == "completed");

    // Agents that were found stand in the order of their free room at that moment.
    private static string Sorted(JsonElement result) => string.Join(' ',
        result.GetProperty("outcomes").EnumerateArray().Select(one => one.GetRawText()).Order(StringComparer.Ordinal));

    private static Task<JsonElement> Ended(SmallWorld world, string id) =>
        Until(world, id, task => Text(task, "state") is "completed" or "failed" or "cancelled" or "rejected" or "expired");

    private static Task<JsonElement> Until(SmallWorld world, string id, Func<JsonElement, bool> seen) => Eventually.Seen(
        cancel => world.Get("/v1/tasks/" + id, cancel), seen, $"{id} is there", task => task.ToString(), TimeSpan.FromSeconds(240));

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var member) ? member.ToString() : "";
}

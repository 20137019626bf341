using System.Net.Http.Json;
using System.Text.Json;
using Xunit.Abstractions;

namespace A2A.Micro.Confluence.Tests;

/// <summary>
/// The same work ends the same way, whether every message comes once and in order or two to five times, out of order and late (reliability
/// F19, F20, M10). A seed that fails is printed: set A2A_CONFLUENCE_SEED to see it again.
/// </summary>
[Trait("Requirement", "56")]
public sealed class ConfluenceTests(ITestOutputHelper output, PostgresServer database) : IClassFixture<PostgresServer>
{
    private static readonly string[] Modes = ["plain", "report", "again", "fail", "wait", "ask"];

    [Theory]
    [InlineData(false, 5000)]
    [InlineData(true, 300)]
    public async Task Duplicates_disorder_and_delay_change_no_outcome(bool inDatabase, int longestDelayMs)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("A2A_CONFLUENCE_SEED"), out var given) ? given : NewSeed();
        output.WriteLine($"seed {seed}");
        var calm = await Outcome(null, null);
        var treacherous = await Outcome(
            new Chaos(seed, TimeSpan.FromMilliseconds(longestDelayMs)), inDatabase ? database.ConnectionString : null);

        Assert.Equal(24, calm.Count);
        Assert.True(
            calm.SequenceEqual(treacherous),
            $"seed {seed}:\n{string.Join("\n", treacherous.Except(calm))}\ninstead of\n{string.Join("\n", calm.Except(treacherous))}");
    }

    private static int NewSeed() => new Random().Next();

    // What a submitter can see at the end, without times.
    private static async Task<IReadOnlyList<string>> Outcome(Chaos? chaos, string? database)
    {
        await using var world = await SmallWorld.Start(chaos, database);
        await using var all = new EventWatcher(world.Http, "/v1/events?snapshot=0");
        string[] ids = [.. Enumerable.Range(0, 24).Select(n => $"{Modes[n % Modes.Length]}-{n}")];
        await Task.WhenAll(ids.Select(id => Live(world, id)));
        foreach (var id in ids) { _ = await End(world, id); }
        // Heartbeats never end, so the lanes are empty only for a moment; what concerns the tasks has come by then, and must change nothing.
        await world.Settled();
        await Watched(world, all, ids);
        var outcomes = new List<string>();
        foreach (var id in ids) { outcomes.Add(await End(world, id)); }
        _ = await Eventually.Seen(
            cancel => world.Get("/v1/agents", cancel),
            list => list.GetProperty("agents").EnumerateArray().All(agent =>
                agent.GetProperty("used").EnumerateObject().All(amount => amount.Value.GetDouble() == 0)),
            "all room is given back", list => list.ToString(), TimeSpan.FromSeconds(60));
        Assert.Empty(world.Repeated);
        Assert.Empty(world.Parked);
        return outcomes;
    }

    // Whoever watched has seen every task in its order, up to the version that it has now; and whoever watches one task sees every version.
    private static async Task Watched(SmallWorld world, EventWatcher all, string[] ids)
    {
        await using var one = new EventWatcher(world.Http, $"/v1/tasks/{ids[0]}/events?last_event_id=0");
        foreach (var id in ids)
        {
            var version = (await world.Get("/v1/tasks/" + id, CancellationToken.None)).GetProperty("version").GetInt64();
            await Eventually.True(() => all.Last(id) >= version, $"version {version} of {id} is seen", () => string.Join(' ', all.Of(id)));
            if (id != ids[0]) { continue; }
            await Eventually.True(() => one.Last(id) >= version, $"version {version} of {id} is seen alone", () => string.Join(' ', one.Of(id)));
            // A partial result that was under way at the end may have made one more meanwhile.
            Assert.Equal(Enumerable.Range(1, (int)version).Select(number => (long)number), one.Of(id).TakeWhile(number => number <= version));
        }

        Assert.Empty(all.Disordered);
    }

    private static async Task Live(SmallWorld world, string id)
    {
        var mode = id.Split('-')[0];
        using var accepted = await world.Http.PostAsJsonAsync(
            "/v1/tasks", new { task_id = id, task_type = "test.work", parameters = new { mode } });
        _ = accepted.EnsureSuccessStatusCode();
        if (mode == "wait")
        {
            _ = await Until(world, id, "running");
            using var cancel = await world.Http.PostAsJsonAsync($"/v1/tasks/{id}/cancel", new { command_id = "cancel-" + id });
            _ = cancel.EnsureSuccessStatusCode();
        }
        else if (mode == "ask")
        {
            _ = await Until(world, id, "input_required");
            using var answer = await world.Http.PostAsJsonAsync($"/v1/tasks/{id}/input", new { command_id = "input-" + id, input = "Ada" });
            _ = answer.EnsureSuccessStatusCode();
        }
    }

    private static async Task<string> End(SmallWorld world, string id)
    {
        _ = await Until(world, id, "completed", "failed", "cancelled", "rejected", "expired");
        // Read again where a partial result that was under way at the end came between the two.
        var (task, changes) = await Eventually.Seen(
            async cancel => (await world.Get("/v1/tasks/" + id, cancel),
                (await world.Get($"/v1/tasks/{id}/events?after=0&limit=200", cancel)).GetProperty("changes").EnumerateArray().ToList()),
            seen => seen.Item2.Count == seen.Item1.GetProperty("version").GetInt64(), $"the document of {id} is the last of its versions");
        // Dense, whatever came: 1, 2, 3 ...
        Assert.Equal(Enumerable.Range(1, changes.Count).Select(n => (long)n), changes.Select(change => change.GetProperty("version").GetInt64()));
        return $"{id}: {Text(task, "state")}, attempt {Text(task, "attempt")}, {Text(task, "result")}{Text(task, "error")}, steps "
            // A result or a question may overtake the acceptance (docs/task-lifecycle.md): whether the task was seen running is chance.
            + string.Join(' ', changes.Where(change => Text(change, "kind") == "transition").Select(change => Text(change, "state"))
                .Where(state => state != "running").Aggregate(new List<string>(), Distinct));
    }

    private static List<string> Distinct(List<string> states, string state)
    {
        if (states.Count == 0 || states[^1] != state) { states.Add(state); }
        return states;
    }

    private static Task<JsonElement> Until(SmallWorld world, string id, params string[] states) => Eventually.Seen(
        cancel => world.Get("/v1/tasks/" + id, cancel), task => states.Contains(Text(task, "state")), $"{id} is {states[0]}",
        task => task.ToString(), TimeSpan.FromSeconds(90));

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var member) ? member.ToString() : "";
}

using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>SIGKILL to the Scheduler while a graph is half done: whoever waits is told all the same.</summary>
[Trait("Requirement", "7")]
public sealed class KilledGraphTests(Studio studio) : StudioTests(studio)
{
    private const int Width = 100;

    [Fact]
    public async Task One_then_a_hundred_then_one_in_order_although_the_scheduler_is_killed()
    {
        // Handed in with the last one first; the Gateway turns them round.
        var ids = await System.Batch(
        [
            Graphs.Tiny("join", [.. Enumerable.Range(0, Width).Select(n => (object)$"part-{n}")]),
            .. Enumerable.Range(0, Width).Select(n => Graphs.Tiny($"part-{n}", ["root"])),
            Graphs.Tiny("root", [], pixels: 512),
        ]);
        var (join, parts, root) = (ids[0], ids[1..^1], ids[^1]);
        _ = await System.Until(root, "completed");
        _ = await System.Until(parts[0], task => task.Text("state") is not "blocked", "has been let go");
        await System.Kill("Scheduler");
        await System.StartAgain("Scheduler");

        var last = await System.Ended(join);

        Assert.Equal("completed", last.Text("state"));
        var first = await System.Get("/v1/tasks/" + root);
        foreach (var id in parts)
        {
            var part = await System.Get("/v1/tasks/" + id);
            Assert.True(first.Time("ended_at") <= Began(part), $"{id} began before what it waits for had ended");
            Assert.True(part.Time("ended_at") <= Began(last), $"the last one began before {id} had ended");
        }

        var story = await System.History(join);
        Assert.Contains(story, change => change.Text("code") == "DEPENDENCY");
        Assert.All(last.GetProperty("dependencies").EnumerateArray(), one => Assert.Equal("satisfied", one.Text("outcome")));
        await System.EveryTaskCompletedOnce(ids);
    }

    // A result may overtake the acceptance: such a task has no time at which it began.
    private static DateTimeOffset Began(JsonElement task) => task.Time(task.Text("started_at").Length > 0 ? "started_at" : "ended_at");
}

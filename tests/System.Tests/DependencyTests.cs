using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>Requirements 7 and 63, and the data passing of 80: graphs of tasks with every part a process of its own.</summary>
public sealed class DependencyTests(DependencyTests.Painters painters) : IClassFixture<DependencyTests.Painters>
{
    private const int Stages = 20;
    private const int Width = 100;

    private RunningSystem System => painters.System;

    [Fact]
    public async Task One_then_a_hundred_then_one_in_order_although_the_scheduler_is_killed()
    {
        // Handed in with the last one first, so that everything is waited for before it is there.
        var ids = await Batch(
        [
            Tiny("join", [.. Enumerable.Range(0, Width).Select(n => (object)$"part-{n}")]),
            .. Enumerable.Range(0, Width).Select(n => Tiny($"part-{n}", ["root"])),
            Tiny("root", [], pixels: 512),
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
            Assert.True(first.Time("ended_at") <= part.Time("started_at"), $"{id} began before what it waits for had ended");
            Assert.True(part.Time("ended_at") <= last.Time("started_at"), $"the last one began before {id} had ended");
        }

        var story = await System.History(join);
        Assert.Contains(story, change => change.Text("code") == "DEPENDENCY");
        Assert.All(last.GetProperty("dependencies").EnumerateArray(), one => Assert.Equal("satisfied", one.Text("outcome")));
        await System.EveryTaskCompletedOnce(ids);
    }

    [Fact]
    public async Task A_chain_of_twenty_hands_every_result_to_the_next()
    {
        // What is drawn depends on the words; each stage draws by the fingerprint of the picture before it.
        var ids = await Batch([.. Enumerable.Range(0, Stages).Select(stage => Tiny(
            $"stage-{stage}",
            stage == 0 ? [] : [new { task_id = $"stage-{stage - 1}", map = new Dictionary<string, string> { ["/sha256"] = "/prompt" } }],
            prompt: stage == 0 ? "begin" : null))]);

        var end = await System.Ended(ids[^1]);

        Assert.Equal("completed", end.Text("state"));
        var prompt = "begin";
        foreach (var id in ids)
        {
            var stage = await System.Get("/v1/tasks/" + id);
            var alone = await System.Ended(await System.SubmitId(Tiny(null, [], prompt: prompt)));
            Assert.Equal(alone.GetProperty("result").Text("sha256"), stage.GetProperty("result").Text("sha256"));
            prompt = stage.GetProperty("result").Text("sha256");
        }

        Assert.Equal(Stages, ids.Distinct().Count());
    }

    [Fact]
    public async Task What_waits_for_a_cancelled_task_ends_at_once_down_the_chain_and_can_be_cancelled_itself()
    {
        var ids = await Batch([Tiny("a", ["nobody-submits-this"]), Tiny("b", ["a"]), Tiny("c", [new { task_id = "b", condition = "failure" }])]);
        _ = await System.Until(ids[0], "blocked");

        using var answer = await System.Http.PostAsJsonAsync($"/v1/tasks/{ids[0]}/cancel", new { reason = "not wanted" });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("cancelled", (await System.Ended(ids[0])).Text("state"));
        Assert.Equal("DEPENDENCY_UNSATISFIED", (await System.Ended(ids[1])).GetProperty("error").Text("code"));
        Assert.Equal("completed", (await System.Ended(ids[2])).Text("state"));
    }

    private static object Tiny(string? name, object[] dependencies, string? prompt = null, int pixels = 16) => new Dictionary<string, object?>
    {
        ["task_type"] = "image.generation",
        ["parameters"] = new { width = pixels, height = pixels, prompt = prompt ?? "any", max_iterations = 50 },
        ["dependencies"] = dependencies,
    }.With("name", name);

    private async Task<string[]> Batch(IReadOnlyList<object> tasks)
    {
        using var answer = await System.Http.PostAsJsonAsync("/v1/tasks:batch", new { tasks });
        var view = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, view.ToString());
        return [.. view.GetProperty("items").EnumerateArray().Select(item => item.Text("task_id"))];
    }

    /// <summary>Two agents that draw.</summary>
    public sealed class Painters : IAsyncLifetime
    {
        public RunningSystem System { get; private set; } = null!;

        public async Task InitializeAsync() => System = await RunningSystem.Start(new SystemPlan
        {
            Agents = [new("ImageGeneration", "painter-a"), new("ImageGeneration", "painter-b")],
        });

        public async Task DisposeAsync() => await System.DisposeAsync();
    }
}

internal static class Members
{
    public static Dictionary<string, object?> With(this Dictionary<string, object?> members, string name, object? value)
    {
        if (value is not null) { members[name] = value; }
        return members;
    }
}

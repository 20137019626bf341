using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>Requirements 7 and 63, and the data passing of 80: graphs of tasks with every part a process of its own.</summary>
[Trait("Requirement", "7")]
[Trait("Requirement", "80")]
public sealed class DependencyTests(Studio studio) : StudioTests(studio)
{
    private const int Stages = 20;

    [Fact]
    public async Task A_chain_of_twenty_hands_every_result_to_the_next()
    {
        // What is drawn depends on the words; each stage draws by the fingerprint of the picture before it.
        var ids = await System.Batch([.. Enumerable.Range(0, Stages).Select(stage => Graphs.Tiny(
            $"stage-{stage}",
            stage == 0 ? [] : [new { task_id = $"stage-{stage - 1}", map = new Dictionary<string, string> { ["/sha256"] = "/prompt" } }],
            prompt: stage == 0 ? "begin" : null))]);

        var end = await System.Ended(ids[^1]);

        Assert.Equal("completed", end.Text("state"));
        var prompt = "begin";
        foreach (var id in ids)
        {
            var stage = await System.Get("/v1/tasks/" + id);
            var alone = await System.Ended(await System.SubmitId(Alone(prompt)));
            Assert.Equal(alone.GetProperty("result").Text("sha256"), stage.GetProperty("result").Text("sha256"));
            prompt = stage.GetProperty("result").Text("sha256");
        }

        Assert.Equal(Stages, ids.Distinct().Count());
    }

    [Fact]
    public async Task What_waits_for_a_cancelled_task_ends_at_once_down_the_chain_and_can_be_cancelled_itself()
    {
        var ids = await System.Batch(
        [
            Graphs.Tiny("a", ["nobody-submits-this"]),
            Graphs.Tiny("b", ["a"]),
            Graphs.Tiny("c", [new { task_id = "b", condition = "failure" }]),
        ]);
        _ = await System.Until(ids[0], "blocked");

        using var answer = await System.Http.PostAsJsonAsync($"/v1/tasks/{ids[0]}/cancel", new { reason = "not wanted" });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("cancelled", (await System.Ended(ids[0])).Text("state"));
        Assert.Equal("DEPENDENCY_UNSATISFIED", (await System.Ended(ids[1])).GetProperty("error").Text("code"));
        Assert.Equal("completed", (await System.Ended(ids[2])).Text("state"));
    }

    [Fact]
    public async Task A_diamond_of_a_thousand_comes_together()
    {
        const int Middle = 988;
        var ids = await System.Batch(
        [
            Graphs.Tiny("root", []),
            .. Enumerable.Range(0, Middle).Select(n => Graphs.Tiny($"part-{n}", ["root"])),
            .. Enumerable.Range(0, 10).Select(n => Graphs.Tiny(
                $"join-{n}", [.. Enumerable.Range(0, Middle).Where(part => part % 10 == n).Select(part => (object)$"part-{part}")])),
            Graphs.Tiny("end", [.. Enumerable.Range(0, 10).Select(n => (object)$"join-{n}")]),
        ]);

        Assert.Equal("completed", (await System.Ended(ids[^1])).Text("state"));
    }

    private static object Alone(string prompt) => new
    {
        task_type = "image.generation",
        parameters = new { width = 16, height = 16, prompt, max_iterations = 50 },
    };
}

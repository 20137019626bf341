using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>Task types with every part a process of its own, on RabbitMQ and PostgreSQL, and in one process.</summary>
[Trait("Requirement", "10")]
[Trait("Requirement", "85")]
[Trait("Requirement", "86")]
[Trait("Requirement", "88")]
[Trait("Requirement", "94")]
[Trait("Requirement", "98")]
public sealed class TaskTypeTests
{
    private static readonly object Wrong = new { task_type = "image.generation", parameters = new { width = 3, height = "x", prompt = "p" } };
    private static readonly string[] WrongPointers = ["#/parameters/height", "#/parameters/width"];

    [Fact]
    public async Task Requirements_10_86_94_97_types_are_known_whatever_was_killed()
    {
        await using var system = await RunningSystem.Start(new SystemPlan
        {
            Agents = [new("DataAnalysis", "analyst"), new("ImageGeneration", "painter")],
        });
        var known = await Eventually.Seen(
            cancel => system.Get("/v1/task-types", cancel), list => Types(list).Length == 2, "both types are announced", within: TimeSpan.FromSeconds(60));
        Assert.Equal(["data.analysis@1 analyst", "image.generation@1 painter"], Types(known));
        await IsRefused(system.Http);

        foreach (var victim in (string[])["Gateway", "ResourceManager"])
        {
            await system.Kill(victim);
            await system.StartAgain(victim);
            _ = await Eventually.Seen(
                _ => Status(system.Http), status => status == HttpStatusCode.UnprocessableEntity, $"parameters are checked after {victim} was killed");
            Assert.Equal(["data.analysis@1 analyst", "image.generation@1 painter"], Types(await system.Get("/v1/task-types")));
        }

        var versioned = await system.SubmitId(new { task_type = "data.analysis@1", parameters = new { dataset_path = "small.csv" } });
        Assert.Equal("completed", (await system.Ended(versioned)).Text("state"));
        var plain = await system.SubmitId(Caller.Small());
        Assert.Equal("completed", (await system.Ended(plain)).Text("state"));
        await system.Kill("StateSync");
        await system.StartAgain("StateSync");
        var figures = await Eventually.Seen(
            cancel => system.Get("/v1/stats/task-types/data.analysis", cancel), stats => stats.Whole("count") == 1, "history is remembered");
        Assert.Equal((1, 1.0), (figures.Whole("completed"), figures.GetProperty("success_rate").GetDouble()));
        Assert.True(figures.GetProperty("total_s").GetProperty("p95").GetDouble() > 0);
    }

    [Fact]
    public async Task Requirements_10_86_97_hold_in_one_process()
    {
        var port = FreePort.Next();
        await using var standalone = RunningProcess.Start(Repository.Assembly("Standalone"), arguments: ["--port", $"{port}"]);
        _ = await standalone.Says("Try next", TimeSpan.FromSeconds(90));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        Assert.Equal(
            ["data.analysis@1", "data.survey@1", "file.conversion@1", "image.generation@1"],
            Types(await http.GetFromJsonAsync<JsonElement>("/v1/task-types")).Select(type => type.Split(' ')[0]));
        await IsRefused(http);
        var figures = await http.GetFromJsonAsync<JsonElement>("/v1/stats/task-types/image.generation");
        Assert.Equal((1, 1), (figures.Whole("count"), figures.Whole("completed")));
        Assert.Equal(0, await standalone.Stop());
    }

    private static async Task IsRefused(HttpClient http)
    {
        using var answer = await http.PostAsJsonAsync("/v1/tasks", Wrong);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "INVALID_PARAMETERS"), (answer.StatusCode, problem.Text("code")));
        Assert.Equal(WrongPointers, problem.GetProperty("errors").EnumerateArray().Select(error => error.Text("pointer")).Order());
    }

    private static async Task<HttpStatusCode> Status(HttpClient http)
    {
        using var answer = await http.PostAsJsonAsync("/v1/tasks", Wrong);
        return answer.StatusCode;
    }

    private static string[] Types(JsonElement list) =>
    [
        .. list.GetProperty("task_types").EnumerateArray()
            .Select(type => $"{type.Text("task_type")}@{type.Text("version")} {string.Join(",", Agents(type))}"),
    ];

    private static IEnumerable<string> Agents(JsonElement type) =>
        type.GetProperty("agents").EnumerateArray().Select(agent => agent.Text("agent_id"));
}

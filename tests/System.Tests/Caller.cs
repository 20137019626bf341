using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>What a submitter does, over HTTP and with nothing else.</summary>
internal static class Caller
{
    private static readonly TimeSpan LongestWork = TimeSpan.FromSeconds(90);

    /// <summary>A small piece of work: milliseconds.</summary>
    public static object Small(string? id = null, string? requester = null) => new
    {
        task_id = id,
        task_type = "data.analysis",
        parameters = new { dataset_path = "small.csv" },
        requester_agent_id = requester,
    };

    /// <summary>A picture whose every pixel takes its full number of iterations: <paramref name="rows"/> decides how long.</summary>
    public static object Picture(int rows, string? id = null, DateTimeOffset? deadline = null) => new
    {
        task_id = id,
        task_type = "image.generation",
        deadline,
        parameters = new { width = 1000, height = rows, center_x = -0.1, scale = 0.1, max_iterations = 10_000 },
    };

    /// <summary>Submits and expects 202; the receipt.</summary>
    public static async Task<JsonElement> Submit(this RunningSystem system, object body)
    {
        using var answer = await system.Http.PostAsJsonAsync("/v1/tasks", body);
        var receipt = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{(int)answer.StatusCode}: {receipt}");
        return JsonSerializer.Deserialize<JsonElement>(receipt);
    }

    /// <summary>Submits and expects 202; the id.</summary>
    public static async Task<string> SubmitId(this RunningSystem system, object body) =>
        (await system.Submit(body)).Text("task_id");

    /// <summary>Commands a task, waits for the final answer and expects one; the answer.</summary>
    public static async Task<JsonElement> Give(this RunningSystem system, string taskId, string verb, object body)
    {
        using var answer = await system.Http.PostAsJsonAsync($"/v1/tasks/{taskId}/{verb}?wait=30s", body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode}: {text}{system.Tails()}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>Any document.</summary>
    public static Task<JsonElement> Get(this RunningSystem system, string path, CancellationToken cancel = default) =>
        system.Http.GetFromJsonAsync<JsonElement>(path, cancel);

    /// <summary>Waits until the task is as wanted, and returns it.</summary>
    public static Task<JsonElement> Until(
        this RunningSystem system, string taskId, Func<JsonElement, bool> holds, string what, TimeSpan? within = null) =>
        Eventually.Seen(
            cancel => system.Get("/v1/tasks/" + taskId, cancel),
            holds,
            $"{taskId} {what}",
            task => task + system.Tails(),
            within ?? LongestWork);

    /// <summary>Waits until the task is in the state, and returns it.</summary>
    public static Task<JsonElement> Until(this RunningSystem system, string taskId, string state) =>
        system.Until(taskId, task => task.Text("state") == state, "is " + state);

    /// <summary>Waits until the task has ended, and returns it.</summary>
    public static Task<JsonElement> Ended(this RunningSystem system, string taskId) =>
        system.Until(taskId, Json.Ended, "has ended");

    /// <summary>Every version of a task.</summary>
    public static async Task<IReadOnlyList<JsonElement>> History(this RunningSystem system, string taskId)
    {
        var all = new List<JsonElement>();
        for (string? after = "0"; after is { Length: > 0 };)
        {
            using var ask = new HttpRequestMessage(HttpMethod.Get, $"/v1/tasks/{taskId}/events?after={after}&limit=200");
            ask.Headers.Accept.ParseAdd("application/json");
            using var answer = await system.Http.SendAsync(ask);
            var page = await answer.Content.ReadFromJsonAsync<JsonElement>();
            all.AddRange(page.GetProperty("changes").EnumerateArray());
            after = page.Text("next_after");
        }

        return all;
    }

    /// <summary>Waits until every planned agent is known and takes work.</summary>
    public static async Task AgentsAreOnline(this RunningSystem system)
    {
        var wanted = system.Agents;
        _ = await Eventually.Seen(
            cancel => system.Get("/v1/agents", cancel),
            list => wanted.All(id => list.GetProperty("agents").EnumerateArray()
                .Any(agent => agent.Text("agent_id") == id && agent.Text("state") == "online")),
            $"{string.Join(" and ", wanted)} are online",
            list => list + system.Tails(),
            TimeSpan.FromSeconds(60));
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>Graphs of small tasks, handed in as one batch.</summary>
internal static class Graphs
{
    /// <summary>A picture of a few pixels, with a local name.</summary>
    public static object Tiny(string name, object[] dependencies, string? prompt = null, int pixels = 16) => new Dictionary<string, object?>
    {
        ["task_type"] = "image.generation",
        ["parameters"] = new { width = pixels, height = pixels, prompt = prompt ?? "any", max_iterations = 50 },
        ["dependencies"] = dependencies,
        ["name"] = name,
    };

    /// <summary>Hands them in and expects that all are accepted; their ids in this order.</summary>
    public static async Task<string[]> Batch(this RunningSystem system, IReadOnlyList<object> tasks)
    {
        using var answer = await system.Http.PostAsJsonAsync("/v1/tasks:batch", new { tasks });
        var view = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, view.ToString());
        return [.. view.GetProperty("items").EnumerateArray().Select(item => item.Text("task_id"))];
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using A2A.Micro.Bench.Measuring;

namespace A2A.Micro.Bench.Load;

/// <summary>
/// Tasks that wait for each other, one graph at a time: what is measured is how long the news of an end takes to whoever waits for it. A latency is that of
/// a whole graph, from its submission to the result of its last task; everything else is counted per task. Each returns how many graphs did not complete.
/// </summary>
public sealed class GraphLoads(TaskClient client)
{
    /// <summary>Tasks of one fan: one, then as many as there are between, then one.</summary>
    public const int FanTasks = Width + 2;

    /// <summary>Stages of one pipeline.</summary>
    public const int Stages = 20;

    private const int Width = 100;
    private const int WaitSeconds = 60;
    private static readonly object Parameters = new { payload = "graph" };

    /// <summary>One task, a hundred that wait for it, and one that waits for all of these; handed in as one batch.</summary>
    public Task<int> Fans(Latencies latencies, int graphs, CancellationToken cancellation)
    {
        string[] parts = [.. Enumerable.Range(0, Width).Select(part => string.Create(CultureInfo.InvariantCulture, $"part-{part}"))];
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            tasks = parts.Select(name => Step(name, ["first"])).Prepend(Step("first", [])).Append(Step("last", parts)),
        });
        return OneByOne(latencies, graphs, async () =>
        {
            using var accepted = await client.Post("v1/tasks:batch", body, cancellation);
            var last = accepted.RootElement.GetProperty("items").EnumerateArray().Last().GetProperty("task_id").GetString();
            return await client.Read($"v1/tasks/{last}/result?wait={WaitSeconds}", cancellation);
        });
    }

    /// <summary>Twenty stages, each after the one before, handed in as one workflow.</summary>
    public Task<int> Pipelines(Latencies latencies, int graphs, CancellationToken cancellation)
    {
        var stage = new { task_type = NoopAgent.TaskType, parameters = Parameters, map = new { } };
        var first = new { task_type = NoopAgent.TaskType, parameters = Parameters };
        var body = JsonSerializer.SerializeToUtf8Bytes(new { stages = Enumerable.Repeat<object>(stage, Stages - 1).Prepend(first) });
        return OneByOne(latencies, graphs, async () => await client.Post($"v1/workflows?wait={WaitSeconds}", body, cancellation));
    }

    private static async Task<int> OneByOne(Latencies latencies, int graphs, Func<Task<JsonDocument>> run)
    {
        var errors = 0;
        for (var graph = 0; graph < graphs; graph++)
        {
            var started = Stopwatch.GetTimestamp();
            using var end = await run();
            if (end.RootElement.GetProperty("state").GetString() == "completed") { latencies.Note(graph, started); }
            else { errors++; }
        }

        return errors;
    }

    private static object Step(string name, string[] dependencies) =>
        new { name, task_type = NoopAgent.TaskType, parameters = Parameters, dependencies };
}

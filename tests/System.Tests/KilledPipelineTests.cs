using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RabbitMQ.Client;

namespace A2A.Micro.System.Tests;

/// <summary>
/// Requirements 13, 18, 80 and 94, with processes killed in the middle: a pipeline that loses the agent of a stage and the Scheduler, and a task in the
/// task guide's words that loses the Gateway. Their requester has every result on its own queue, and nobody else's.
/// </summary>
[Trait("Requirement", "13")]
[Trait("Requirement", "18")]
[Trait("Requirement", "80")]
[Trait("Requirement", "94")]
public sealed class KilledPipelineTests(Studio studio) : StudioTests(studio)
{
    private const string Requester = "agent_requester";
    private const string Guided = "task_image_generation_1710000000";

    [Fact]
    public async Task What_a_requester_asked_for_comes_to_it_once_whoever_is_killed_on_the_way()
    {
        await using var connection = await new ConnectionFactory { Uri = System.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync("task.results", "direct", durable: true);
        var queue = (await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true)).QueueName;
        await channel.QueueBindAsync(queue, "task.results", Requester);
        await Post("/v1/workflows", new
        {
            workflow_id = "etching",
            requester_agent_id = Requester,
            stages = new object[]
            {
                new { task_type = "data.analysis", parameters = new { dataset_path = "small.csv" } },
                new
                {
                    task_type = "image.generation",
                    map = new Dictionary<string, string> { ["/columns/0/name"] = "/prompt" },
                    parameters = new { width = 1000, height = 300, center_x = -0.1, scale = 0.1, max_iterations = 10_000 },
                },
                new
                {
                    task_type = "image.generation",
                    map = new Dictionary<string, string> { ["/sha256"] = "/prompt" },
                    parameters = new { width = 16, height = 16 },
                },
            },
        });
        var second = await System.Until("etching:2", task => task.GetProperty("progress").GetDouble() > 0, "is underway");
        await Post("/v1/messages", Guide(priority: "HIGH"));

        var painter = second.Text("agent_id");
        await Task.WhenAll(System.Kill(painter), System.Kill("Scheduler"), System.Kill("Gateway"));
        await Task.WhenAll(System.StartAgain("Scheduler"), System.StartAgain("Gateway"), System.StartAgain(painter));

        // The same once more: whoever had no answer asks again.
        await Post("/v1/messages", Guide(priority: "HIGH"));
        _ = await System.Ended("etching:3");
        _ = await System.Ended(Guided);
        var pipeline = await System.Get("/v1/workflows/etching");
        Assert.Equal(("completed", "3"), (pipeline.Text("state"), $"{pipeline.GetProperty("stages").GetArrayLength()}"));
        Assert.Equal(2, (await System.Get("/v1/tasks/etching:2")).Whole("attempt"));
        var guided = await System.Get("/v1/tasks/" + Guided);
        Assert.Equal(("completed", Requester, "high"), (guided.Text("state"), guided.Text("requester_agent_id"), guided.Text("priority_name")));
        string[] asked = ["etching:1", "etching:2", "etching:3", Guided];
        Assert.Equal(asked.Order(), (await Results(channel, queue, asked.Length)).Order());
        foreach (var id in asked) { _ = Assert.Single(await System.History(id), Json.IsEnd); }
        await System.AgentsAreOnline();
    }

    private static object Guide(string priority) => new
    {
        message_type = "TaskMessage",
        payload = new
        {
            task_id = Guided,
            task_type = "image.generation",
            parameters = new { width = 16, height = 16, prompt = "guide" },
            requester_agent_id = Requester,
            priority,
            created_at = "2024-03-21T15:00:00Z",
        },
    };

    // At least once: an id that comes again is the same result.
    private static async Task<IReadOnlySet<string>> Results(IChannel channel, string queue, int count)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return await Eventually.Seen(Read, all => all.Count >= count, $"{count} results are there", all => string.Join(' ', all), TimeSpan.FromSeconds(60));

        async Task<IReadOnlySet<string>> Read(CancellationToken cancel)
        {
            while (await channel.BasicGetAsync(queue, autoAck: true, cancel) is { } got)
            {
                var message = JsonSerializer.Deserialize<JsonElement>(got.Body.Span).GetProperty("message");
                Assert.Equal((Requester, "completed"), (message.Text("requester_agent_id"), message.Text("status")));
                _ = seen.Add(message.Text("task_id"));
            }

            return seen;
        }
    }

    private async Task Post(string path, object body)
    {
        using var answer = await System.Http.PostAsJsonAsync(path, body);
        Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }
}

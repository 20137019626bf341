using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using A2A.Micro.AgentSdk;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Signing;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.Standalone;
using Microsoft.AspNetCore.Builder;
using RabbitMQ.Client;

namespace A2A.Micro.Security.Tests;

/// <summary>Services and agents that sign what they say, on a broker that knows each of them; keys that change, and an agent that lies.</summary>
[Trait("Requirement", "41")]
[Trait("Requirement", "42")]
[Trait("Requirement", "44")]
[Trait("Requirement", "59")]
public sealed class IdentityTests(EnrolledBroker enrolled) : IClassFixture<EnrolledBroker>
{
    public sealed record Job(string Name);

    public sealed record Answer(string Text);

    [Fact]
    public async Task Work_goes_on_while_every_key_changes_and_an_agent_lies()
    {
        var (good, liar) = (enrolled.Agent("good"), enrolled.Agent("liar"));
        await enrolled.Enrol(good);
        await enrolled.Enrol(liar);
        var services = await Start(enrolled.Settings(), [.. EmbeddedSystem.Services()]);
        var agent = await Start(enrolled.Settings(good), [Agent(good)]);
        using var http = new HttpClient { BaseAddress = new Uri(services.Urls.First()) };
        _ = await Eventually.Seen(
            cancel => http.GetStringAsync("/v1/agents", cancel), seen => seen.Contains("\"online\"", StringComparison.Ordinal), "the agent is there");

        var before = await Submit(http, 10);
        await Lie(liar, good, before[0]);
        enrolled.Rotate(good, "k2");
        enrolled.Rotate(KeyNames.Platform, "p2");
        var during = await Submit(http, 10);
        await Task.Delay(TimeSpan.FromSeconds(1.5), TimeProvider.System); // who verifies looks at the list once a second
        enrolled.Use(good);
        enrolled.Use(KeyNames.Platform);
        var after = await Submit(http, 20);

        foreach (var task in (string[])[.. before, .. during, .. after])
        {
            var view = await http.GetFromJsonAsync<JsonElement>($"/v1/tasks/{task}?wait=20");
            Assert.Equal("completed", view.GetProperty("state").GetString());
            Assert.Equal("1", view.GetProperty("attempt").GetRawText());
        }

        // What its handler counted, forty times at once, each time by compare and set: through its own exchange, answered on its own queue.
        Assert.Equal(40, await http.GetFromJsonAsync<JsonElement>("/v1/tasks/shared/state/greeted") is var shared ? shared.GetProperty("value").GetInt32() : 0);

        // Too large for a message, in and out: the agent fetches and stores over the bus, it has nothing else.
        using var reply = await http.PostAsJsonAsync(
            "/v1/tasks?wait=20", new { task_type = "demo.greet", parameters = new { name = new string('n', 1_500_000) } });
        var large = await reply.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(1_500_006, large.GetProperty("result").GetProperty("text").GetString()!.Length);

        foreach (var app in (WebApplication[])[agent, services])
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    private async Task Lie(string liar, string good, string task)
    {
        await using var connection = await new ConnectionFactory
        {
            HostName = enrolled.Broker.Host,
            Port = enrolled.Broker.Port,
            UserName = AgentAccount.User(liar),
            Password = enrolled.Password,
            VirtualHost = enrolled.Broker.VirtualHost,
        }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        using var key = SigningKeyFile.Read(enrolled.KeyFile(liar));
        var refused = await Depth();
        // In another's name, unsigned, somebody else's command, to the wrong endpoint.
        await Say(channel, liar, key, "a2a:task.result", $$"""
            {"task_id":"{{task}}","attempt":1,"status":"failed","executor_agent_id":"{{good}}","completed_at":"2026-03-21T12:00:00Z"}
            """);
        await Say(channel, liar, null, "a2a:task.accepted", $$"""{"task_id":"{{task}}","attempt":1,"agent_id":"{{liar}}"}""");
        await Say(channel, liar, key, "a2a:task.control.cancel", $$"""{"task_id":"{{task}}","command_id":"c-1","agent_id":"{{liar}}"}""");
        await Say(
            channel, liar, key, "a2a:task.accepted", $$"""{"task_id":"{{task}}","attempt":1,"agent_id":"{{liar}}"}""", "resource-manager.agents");
        _ = await Eventually.Seen(_ => Depth(), seen => seen == refused + 4, "every lie is on record");
    }

    private async Task<uint> Depth()
    {
        await using var connection = await new ConnectionFactory { Uri = enrolled.Broker.Address }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try { return (await channel.QueueDeclarePassiveAsync(Endpoints.Tasks + "_error")).MessageCount; }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException) { return 0; }
    }

    private static async Task Say(IChannel channel, string sender, SigningKey? key, string type, string message, string audience = Endpoints.Tasks)
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        var body = Encoding.UTF8.GetBytes($$"""{"messageId":"{{id}}","messageType":["{{type}}"],"message":{{message}}}""");
        var properties = new BasicProperties
        {
            MessageId = id,
            UserId = AgentAccount.User(sender),
            ContentType = "application/vnd.masstransit+json",
            Headers = new Dictionary<string, object?>(),
        };
        if (key is not null)
        {
            var words = SigningTests.Example() with
            {
                MessageId = id,
                SenderId = sender,
                Audience = audience,
                IssuedAt = TimeProvider.System.GetUtcNow(),
                Digest = CanonicalText.DigestOf(body),
            };
            properties.Headers[MessageCheck.TextHeader] = MessageCheck.HeaderOf(words);
            properties.Headers[SignatureLine.Header] = key.Sign(words).Print();
        }

        await channel.BasicPublishAsync(AgentAccount.Out(sender), Endpoints.Tasks, mandatory: true, properties, body);
    }

    private static async Task<string[]> Submit(HttpClient http, int count)
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            using var reply = await http.PostAsJsonAsync("/v1/tasks", new { task_type = "demo.greet", parameters = new { name = "n" + i } });
            Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync());
            return (await reply.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("task_id").GetString()!;
        }));
        return replies;
    }

    private static AgentModule Agent(string id) => new(
        id, agent => agent.Slots(8).Handle<Job, Answer>("demo.greet", async (job, context) =>
        {
            _ = await context.State.Of("shared").Sync<int>("greeted", count => count + 1);
            return new Answer("hello " + job.Name);
        }));

    private static async Task<WebApplication> Start(string[] settings, IModule[] modules)
    {
        var app = MicroHost.Build(settings, TransportKind.RabbitMq, StoreKind.InMemory, modules);
        await app.StartAsync();
        return app;
    }
}

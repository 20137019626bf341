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
        await LieOfItsOwnWork(http, liar);
        await Lie(http, liar, good, before[0]);
        enrolled.Rotate(good, "k2");
        enrolled.Rotate(KeyNames.Platform, "p2");
        var during = await Submit(http, 10);
        await Task.Delay(TimeSpan.FromSeconds(1.5), TimeProvider.System); // who verifies looks at the list once a second
        enrolled.Use(good);
        enrolled.Use(KeyNames.Platform);
        var after = await Submit(http, 20);
        // Another password for everybody: who is connected stays so, and whoever connects shows the new one.
        await enrolled.ChangePassword(null, good);
        var connected = await Submit(http, 10);
        await Finished(http, [.. before, .. during, .. after, .. connected]);
        // What its handler counted, fifty times at once, each time by compare and set: through its own exchange, answered on its own queue.
        Assert.Equal(50, await http.GetFromJsonAsync<JsonElement>("/v1/tasks/shared/state/greeted") is var shared ? shared.GetProperty("value").GetInt32() : 0);
        var waiting = Submit(http, 10);
        await agent.StopAsync();
        await agent.DisposeAsync();
        agent = await Start(enrolled.Settings(good), [Agent(good)]);
        await Finished(http, [.. await waiting, .. await Submit(http, 10)], anyAttempt: true);

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

    private static async Task Finished(HttpClient http, string[] tasks, bool anyAttempt = false)
    {
        foreach (var task in tasks)
        {
            var view = await http.GetFromJsonAsync<JsonElement>($"/v1/tasks/{task}?wait=20");
            Assert.Equal("completed", view.GetProperty("state").GetString());
            Assert.True(anyAttempt || view.GetProperty("attempt").GetRawText() == "1", view.GetRawText());
            Assert.StartsWith("hello n", view.GetProperty("result").GetProperty("text").GetString(), StringComparison.Ordinal);
        }
    }

    private async Task Lie(HttpClient http, string liar, string good, string task)
    {
        await using var connection = await Connect(liar);
        await using var channel = await connection.CreateChannelAsync();
        using var key = SigningKeyFile.Read(enrolled.KeyFile(liar));
        var refused = await Depth();
        // At the gate: in another's name, unsigned, somebody else's command, for another endpoint, old, of tomorrow, of nobody, of the wrong shape, on
        // another's behalf, a heartbeat for somebody else.
        var now = TimeProvider.System.GetUtcNow();
        (string Type, string Message, SigningKey? Key, string Audience, DateTimeOffset At)[] atTheGate =
        [
            ("a2a:task.result", $$"""
                {"task_id":"{{task}}","attempt":1,"status":"failed","executor_agent_id":"{{good}}","completed_at":"2026-03-21T12:00:00Z"}
                """, key, Endpoints.Tasks, now),
            ("a2a:task.accepted", $$"""{"task_id":"{{task}}","attempt":1,"agent_id":"{{liar}}"}""", null, Endpoints.Tasks, now),
            ("a2a:task.control.cancel", $$"""{"task_id":"{{task}}","command_id":"c-1","agent_id":"{{liar}}"}""", key, Endpoints.Tasks, now),
            ("a2a:task.accepted", $$"""{"task_id":"{{task}}","attempt":1,"agent_id":"{{liar}}"}""", key, Endpoints.Agents, now),
            ("a2a:task.accepted", $$"""{"task_id":"{{task}}","attempt":1,"agent_id":"{{liar}}"}""", key, Endpoints.Tasks, now.AddDays(-7)),
            ("a2a:task.accepted", $$"""{"task_id":"{{task}}","attempt":1,"agent_id":"{{liar}}"}""", key, Endpoints.Tasks, now.AddDays(1)),
            ("a2a:agent.heartbeat", $$"""{"agent_id":"{{good}}","incarnation":1}""", key, Endpoints.Tasks, now),
            ("a2a:task.result", """{"task_id":["x"],"executor_agent_id":{"x":1}}""", key, Endpoints.Tasks, now),
            ("a2a:task.submit", $$"""
                {"task_id":"lie","task_type":"demo.greet","requester_agent_id":"{{liar}}","metadata":{"a2a.subject":"chief"} }
                """, key, Endpoints.Tasks, now),
        ];
        foreach (var lie in atTheGate) { await Say(channel, liar, lie.Key, lie.Type, lie.Message, lie.Audience, lie.At); }
        _ = await Eventually.Seen(_ => Depth(), seen => seen == refused + atTheGate.Length, "every lie is on record");

        // In its own name, and well signed: of a task that is not its own, of an attempt that never was, of a task that nobody knows, a result after the
        // end, two of them, figures that are none. What cannot be read is parked; what can changes nothing.
        var stale = await Stale(http);
        string[] wellSaid =
        [
            Result(task, 1, "completed", "1"), Result(task, 1, "completed", "2"), Result(task, 99, "failed", "1"),
            Result("nobody-knows-it", 1, "completed", "1"), Result(task, 1, "completed", "1e308"),
        ];
        foreach (var lie in wellSaid) { await Say(channel, liar, key, "a2a:task.result", lie); }
        foreach (var attempt in new[] { 1, 2 })
        {
            await Say(channel, liar, key, "a2a:task.accepted", $$"""{"task_id":"{{task}}","attempt":{{attempt}},"agent_id":"{{liar}}"}""");
        }

        _ = await Eventually.Seen(_ => Stale(http), seen => seen >= stale + 4, "what it says of others' tasks is counted as refused");
        await Say(channel, liar, key, "a2a:task.result", Result(task, 1, "completed", "NaN"));
        _ = await Eventually.Seen(_ => Depth(), seen => seen == refused + atTheGate.Length + 1, "what is no message is parked");

        // As fast as it can: nobody waits for it.
        var flood = Enumerable.Range(0, 500).Select(i =>
            Say(channel, liar, null, "a2a:task.accepted", $$"""{"task_id":"{{task}}","attempt":{{i}},"agent_id":"{{liar}}"}"""));
        await Task.WhenAll(flood);
        _ = await Eventually.Seen(_ => Depth(), seen => seen == refused + atTheGate.Length + 501, "each of them is on record");

        string Result(string id, int attempt, string status, string figure) => $$"""
            {"task_id":"{{id}}","attempt":{{attempt}},"status":"{{status}}","executor_agent_id":"{{liar}}","completed_at":"2026-03-21T12:00:00Z",
             "result":{"text":"a lie"},"performance_metrics":{"figure":{{figure}} } }
            """;
    }

    // Of what is its own to say: it has a thousand million slots, and its work goes backwards.
    private async Task LieOfItsOwnWork(HttpClient http, string liar)
    {
        await using var connection = await Connect(liar);
        await using var channel = await connection.CreateChannelAsync();
        using var key = SigningKeyFile.Read(enrolled.KeyFile(liar));
        await channel.ExchangeDeclareAsync(Endpoints.Agent(liar), ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync(Endpoints.Agent(liar), durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(Endpoints.Agent(liar), Endpoints.Agent(liar), "");
        await Tell("a2a:agent.announce", Announcement("1"), Endpoints.Agents);
        await Eventually.Seen(_ => Slots(), slots => slots == 1, "the liar is there");
        using var reply = await http.PostAsJsonAsync("/v1/tasks", new { task_id = "of-the-liar", task_type = "demo.lie" });
        Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync());
        await Until("state", "offered");
        await Tell("a2a:task.accepted", $$"""{"task_id":"of-the-liar","attempt":1,"agent_id":"{{liar}}"}""", Endpoints.Tasks);
        await Until("state", "running");
        await Tell("a2a:task.status", Progress("0.9"), Endpoints.Status);
        await Until("progress", "0.9");

        var stale = await Stale(http);
        await Tell("a2a:task.status", Progress("0.1"), Endpoints.Status);
        _ = await Eventually.Seen(_ => Stale(http), seen => seen > stale, "what goes backwards is counted as refused");
        await Until("progress", "0.9");
        await Tell("a2a:agent.announce", Announcement("1000000000"), Endpoints.Agents);
        _ = await Eventually.Seen(_ => Depth(Endpoints.Agents), seen => seen == 1, "a capacity that cannot be is parked");
        Assert.Equal(1, await Slots());
        await Tell("a2a:task.result", $$"""
            {"task_id":"of-the-liar","attempt":1,"status":"completed","executor_agent_id":"{{liar}}","completed_at":"2026-03-21T12:00:00Z","result":{} }
            """, Endpoints.Tasks);
        await Until("state", "completed");

        Task Tell(string type, string message, string to) => Say(channel, liar, key, type, message, to, to: to);

        string Announcement(string slots) => $$"""
            {"agent_id":"{{liar}}","incarnation":1,"capabilities":[{"task_type":"demo.lie"}],"capacity":{"slots":{{slots}} } }
            """;

        string Progress(string portion) => $$"""
            {"task_id":"of-the-liar","attempt":1,"status":"running","progress":{{portion}},"executor_agent_id":"{{liar}}","timestamp":"2026-03-21T12:00:00Z"}
            """;

        Task Until(string member, string value) => Eventually.Seen(
            cancel => http.GetFromJsonAsync<JsonElement>("/v1/tasks/of-the-liar", cancel), task => task.GetProperty(member).ToString() == value,
            $"{member} is {value}");

        async Task<int> Slots() => (await http.GetFromJsonAsync<JsonElement>("/v1/agents")).GetProperty("agents").EnumerateArray()
            .Where(agent => agent.GetProperty("agent_id").GetString() == liar)
            .Select(agent => agent.GetProperty("capacity").GetProperty("slots").GetInt32()).SingleOrDefault();
    }

    private Task<IConnection> Connect(string agent) => new ConnectionFactory
    {
        HostName = enrolled.Broker.Host,
        Port = enrolled.Broker.Port,
        UserName = AgentAccount.User(agent),
        Password = enrolled.Password,
        VirtualHost = enrolled.Broker.VirtualHost,
    }.CreateConnectionAsync();

    // Reports that the Scheduler refused because somebody else has the task, or nobody.
    private static async Task<double> Stale(HttpClient http)
    {
        var text = await http.GetStringAsync("/metrics");
        return text.Split('\n').Where(line => line.StartsWith("a2a_stale_messages_total", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task<uint> Depth(string queue = Endpoints.Tasks)
    {
        await using var connection = await new ConnectionFactory { Uri = enrolled.Broker.Address }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try { return (await channel.QueueDeclarePassiveAsync(queue + "_error")).MessageCount; }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException) { return 0; }
    }

    private static async Task Say(
        IChannel channel, string sender, SigningKey? key, string type, string message, string audience = Endpoints.Tasks, DateTimeOffset? at = null,
        string to = Endpoints.Tasks)
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
                IssuedAt = at ?? TimeProvider.System.GetUtcNow(),
                Digest = CanonicalText.DigestOf(body),
            };
            properties.Headers[MessageCheck.TextHeader] = MessageCheck.HeaderOf(words);
            properties.Headers[SignatureLine.Header] = key.Sign(words).Print();
        }

        await channel.BasicPublishAsync(AgentAccount.Out(sender), to, mandatory: true, properties, body);
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

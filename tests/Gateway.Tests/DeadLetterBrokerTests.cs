using System.Text;
using System.Text.Json;
using A2A.Micro.Security;
using RabbitMQ.Client;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Dead letters on the real broker: the queues fit, whoever declares them first, and nothing is lost on the way.</summary>
public sealed class DeadLetterBrokerTests(RabbitBroker broker) : IClassFixture<RabbitBroker>, IAsyncLifetime
{
    private readonly PostgresServer _server = new();

    public Task InitializeAsync() => _server.InitializeAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Poison_and_garbage_are_taken_out_of_the_error_queues_and_go_back_when_asked()
    {
        var neighbours = new Neighbours { SubmitFails = new InvalidOperationException("not today") };
        await using var host = await Start(neighbours);
        using var accepted = await host.Post("/v1/tasks", """{"task_id":"poison","task_type":"a"}""");
        await using var channel = await Open();
        await channel.BasicPublishAsync("", "scheduler.tasks", mandatory: true, Encoding.UTF8.GetBytes("this is no message"));
        await channel.BasicPublishAsync("", "scheduler.tasks", mandatory: true,
            Encoding.UTF8.GetBytes("""{"messageType":["a2a:nobody.knows.this"],"message":{}}"""));

        var letters = await Eventually.Seen(
            async _ => (await (await host.Get("/v1/dead-letters")).Json()).GetProperty("letters"), all => all.GetArrayLength() == 3, "three dead letters");
        var poison = letters.EnumerateArray().Single(letter => letter.Text("task_id") == "poison");
        Assert.Contains("not today", poison.Text("reason"), StringComparison.Ordinal);
        Assert.Single(letters.EnumerateArray(), letter => letter.Text("cause") == "skipped");
        await Eventually.Seen(
            async cancel => await channel.MessageCountAsync("scheduler.tasks_error", cancel)
                + await channel.MessageCountAsync("scheduler.tasks_skipped", cancel),
            count => count == 0, "the error queues are empty");

        neighbours.SubmitFails = null;
        using var replay = await host.Post(poison.GetProperty("links").Text("replay")!, "");
        Assert.Equal(202, (int)replay.StatusCode);
        await Eventually.True(() => neighbours.Submitted.Any(task => task.TaskId == "poison"), "the task arrives");
    }

    [Fact]
    public async Task What_killed_its_consumers_is_a_letter_to_the_queue_that_it_was_for()
    {
        await using var host = await Start(new Neighbours());
        await using var channel = await Open();
        var dead = new BasicProperties
        {
            ContentType = "application/vnd.masstransit+json",
            Headers = new Dictionary<string, object?> { ["x-first-death-queue"] = "state-sync.status", ["x-first-death-reason"] = "delivery_limit" },
        };
        var expired = new BasicProperties
        {
            Headers = new Dictionary<string, object?> { ["x-first-death-queue"] = "resource-manager.agents", ["x-first-death-reason"] = "expired" },
        };
        await channel.BasicPublishAsync("a2a.dead-letters", "", mandatory: true, expired, Encoding.UTF8.GetBytes("{}"));
        await channel.BasicPublishAsync("a2a.dead-letters", "", mandatory: true, dead,
            JsonSerializer.SerializeToUtf8Bytes(new { messageType = new[] { "a2a:task.status" }, message = new { task_id = "k" } }));

        var letters = await Eventually.Seen(
            async _ => (await (await host.Get("/v1/dead-letters")).Json()).GetProperty("letters"), all => all.GetArrayLength() > 0, "a dead letter");
        var letter = Assert.Single(letters.EnumerateArray());
        Assert.Equal(("state-sync.status", "killed", "task.status", "k"),
            (letter.Text("queue"), letter.Text("cause"), letter.Text("message_type"), letter.Text("task_id")));
    }

    [Fact]
    [Trait("Requirement", "44")]
    public async Task An_agent_whose_messages_come_out_of_the_error_queue_as_refused_again_and_again_gets_no_more_work()
    {
        var breach = new SecurityBreachException($"{SecurityBreachException.Word} NOT_ITS_NAME: a message of liar to scheduler.tasks");
        var neighbours = new Neighbours { SubmitFails = breach };
        neighbours.Agents.AddRange([AgentSuspensionTests.Agent("liar"), AgentSuspensionTests.Agent("good")]);
        await using var host = await Start(neighbours, ("A2A:Gateway:AgentRefusalsMax", "2"), ("A2A:Gateway:AgentRefusalsWithin", "01:00:00"));
        for (var i = 0; i < 4; i++)
        {
            using var accepted = await host.Post("/v1/tasks", $$"""{"task_id":"lie-{{i}}","task_type":"a"}""");
            Assert.Equal(202, (int)accepted.StatusCode);
        }

        await Eventually.True(() => !neighbours.Steers.IsEmpty, "the liar is cordoned");
        Assert.Equal("liar", Assert.Single(neighbours.Steers).AgentId);
        var audit = await Eventually.Seen(async _ => (await (await host.Get("/v1/audit?limit=200")).Json()).GetRawText(),
            seen => seen.Contains("\"cordonAgent\"", StringComparison.Ordinal), "it is in the audit");
        Assert.Contains("NOT_ITS_NAME", audit, StringComparison.Ordinal);
        // The next test finds the queues as it expects them: empty.
        await Eventually.Seen(
            async _ => (await (await host.Get("/v1/dead-letters")).Json()).GetProperty("letters").GetArrayLength(), count => count == 4, "every lie is parked");
    }

    [Fact]
    [Trait("Requirement", "45")]
    public async Task After_an_upgrade_what_the_last_version_refused_and_fits_by_now_arrives_once_however_many_gateways_there_are()
    {
        var neighbours = new Neighbours();
        await using var one = await Start(neighbours, ("A2A:Gateway:LettersReview", "00:00:00.100"));
        await using var other = await Start(neighbours, ("A2A:Gateway:LettersReview", "00:00:00.100"));
        await using var channel = await Open();
        // As the version before has written them, which named no contract.
        var refused = new BasicProperties
        {
            ContentType = "application/vnd.masstransit+json",
            Headers = new Dictionary<string, object?> { ["MT-Fault-Message"] = "MSG001 #/priority: a text is expected" },
        };
        var names = Enumerable.Range(0, 12).Select(i => $"upgraded-{i:d2}").ToList();
        foreach (var name in names.Append("unfit"))
        {
            object message = name == "unfit" ? new { task_id = 7 } : new { task_id = name, task_type = "a", priority = 2 };
            await channel.BasicPublishAsync("", "scheduler.tasks_error", mandatory: true, refused, JsonSerializer.SerializeToUtf8Bytes(
                new { messageId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), messageType = new[] { "a2a:task.submit" }, message }));
        }

        var letters = await Eventually.Seen(
            async _ => (await (await other.Get("/v1/dead-letters?state=any")).Json()).GetProperty("letters").EnumerateArray().ToList(),
            all => all.Count(letter => letter.Text("state") == "replayed") == 12 && all.Exists(letter => letter.TryGetProperty("judged_at", out _)
                && letter.Text("state") == "parked"), "all that fit are replayed, and the other one is judged");
        Assert.Equal(13, letters.Count);
        await Eventually.True(() => neighbours.Submitted.Count >= 12, "they arrive");
        Assert.Equal(names, neighbours.Submitted.Select(task => task.TaskId).Order(StringComparer.Ordinal));
        var audit = await (await one.Get("/v1/audit?limit=200")).Json();
        Assert.Equal(12, audit.GetProperty("rows").EnumerateArray().Count(entry => entry.Text("action") == "replayDeadLetter"));
    }

    private async Task<GatewayHost> Start(Neighbours neighbours, params (string Key, string Value)[] more)
    {
        var host = await GatewayHost.Start(neighbours,
        [
            .. more,
            ("A2A:Stores", "postgres"), ("ConnectionStrings:Postgres", _server.ConnectionString), ("A2A:Transport", "rabbitmq"),
            ("Logging:LogLevel:Default", "None"),
            .. broker.Settings.Select(pair => (pair.Key.Replace("__", ":", StringComparison.Ordinal), pair.Value)),
        ]);
        await Eventually.Seen(async _ => (int)(await host.Get("/health/ready")).StatusCode, status => status == 200, "the bus is up");
        return host;
    }

    private async Task<IChannel> Open()
    {
        var connection = await new ConnectionFactory { Uri = broker.Address }.CreateConnectionAsync();
        return await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
    }
}

using System.Diagnostics;
using Npgsql;

namespace A2A.Micro.Gateway.Tests;

[Trait("Requirement", "33")]
[Trait("Requirement", "36")]
[Trait("Requirement", "48")]
[Trait("Requirement", "69")]
public sealed class OutageTests(RabbitBroker broker) : IClassFixture<RabbitBroker>, IAsyncLifetime
{
    private readonly PostgresServer _server = new();
    private Lifeline _line = null!;
    private string _throughLine = "";

    public async Task InitializeAsync()
    {
        await _server.InitializeAsync();
        var settings = new NpgsqlConnectionStringBuilder(_server.ConnectionString);
        _line = new Lifeline(settings.Host!, settings.Port);
        (settings.Host, settings.Port) = ("127.0.0.1", _line.Port);
        _throughLine = settings.ConnectionString;
    }

    public async Task DisposeAsync()
    {
        await _line.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_the_database_away_nothing_is_promised_and_soon_said(bool frozen)
    {
        await using var host = await GatewayHost.Start(("A2A:Stores", "postgres"), ("ConnectionStrings:Postgres", _throughLine));
        using var before = await host.Post("/v1/tasks", """{"task_id":"before","task_type":"a"}""");
        Assert.Equal(202, (int)before.StatusCode);

        if (frozen) { _line.Freeze(); } else { _line.Cut(); }
        var watch = Stopwatch.StartNew();
        using var during = await host.Post("/v1/tasks", """{"task_id":"during","task_type":"a"}""");
        // By the Gateway's own limit, and not by the 15 s after which a database client gives up.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(12), $"answered after {watch.Elapsed}");
        await during.Problem(503, "COM002");
        Assert.True(during.Headers.Contains("Retry-After"));
        using var read = await host.Get("/v1/tasks/before");
        await read.Problem(503, "COM002");

        if (frozen) { _line.Thaw(); } else { _line.Mend(); }
        await Eventually.Seen(
            async _ =>
            {
                using var reply = await host.Post("/v1/tasks", """{"task_id":"during","task_type":"a"}""");
                return (int)reply.StatusCode;
            },
            status => status is 200 or 202,
            "submissions are accepted again");
    }

    [Fact]
    public async Task With_the_broker_away_tasks_are_accepted_until_too_many_wait_and_all_of_them_arrive_when_it_is_back()
    {
        await using var way = new TcpWay(broker.Host, broker.Port);
        way.Cut();
        await using var host = await GatewayHost.Start(
            ("A2A:Stores", "postgres"), ("ConnectionStrings:Postgres", _server.ConnectionString), ("A2A:Transport", "rabbitmq"),
            ("RabbitMq:Host", "127.0.0.1"), ("RabbitMq:Port", $"{way.Port}"), ("RabbitMq:User", broker.User), ("RabbitMq:Password", broker.Password),
            ("RabbitMq:VirtualHost", broker.VirtualHost), ("A2A:Gateway:BacklogMax", "4"),
            ("A2A:Gateway:AnswerTimeout", "00:00:01"), ("A2A:Outbox:PollInterval", "00:00:00.100"));
        for (var i = 0; i < 3; i++)
        {
            using var reply = await host.Post("/v1/tasks", $$"""{"task_id":"t{{i}}","task_type":"a"}""");
            Assert.Equal(202, (int)reply.StatusCode);
        }

        using var cancel = await host.Send(HttpMethod.Post, "/v1/tasks/t0/cancel", null);
        Assert.Equal(202, (int)cancel.StatusCode);
        Assert.Equal("pending", (await cancel.Json()).Text("status"));
        using var fourth = await host.Post("/v1/tasks", """{"task_id":"t3","task_type":"a"}""");
        Assert.Equal(202, (int)fourth.StatusCode);
        await Eventually.Seen(
            async _ =>
            {
                using var reply = await host.Post("/v1/tasks", """{"task_type":"a"}""");
                return (Status: (int)reply.StatusCode, reply.Headers.RetryAfter);
            },
            seen => seen is { Status: 429, RetryAfter: not null },
            "the backlog is refused");

        way.Mend();
        string[] accepted = ["t0", "t1", "t2", "t3"];
        await Eventually.True(
            () => accepted.All(id => host.Neighbours.Submitted.Any(task => task.TaskId == id)), "every accepted task arrives",
            within: TimeSpan.FromSeconds(90));
    }

    [Fact]
    [Trait("Requirement", "65")]
    public async Task The_pool_of_connections_is_measured()
    {
        await using var host = await GatewayHost.Start(("A2A:Stores", "postgres"), ("ConnectionStrings:Postgres", _server.ConnectionString));
        using var accepted = await host.Post("/v1/tasks", """{"task_type":"a"}""");
        using var metrics = await host.Get("/metrics");
        Assert.Matches(@"(?m)^db_client_connection\w*\{.*\} \d", await metrics.Content.ReadAsStringAsync());
    }
}

using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync.States;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

namespace A2A.Micro.StateSync.Tests;

/// <summary>Requirements 13 and 77: what a task came to goes to the one who asked for it, on a queue of its own, and to nobody else.</summary>
[Trait("Requirement", "13")]
[Trait("Requirement", "77")]
public sealed class OutcomeTests(RabbitBroker broker) : IClassFixture<RabbitBroker>
{
    [Fact]
    public async Task Every_requester_gets_the_results_of_its_own_tasks_and_no_others()
    {
        await using var host = await Start();
        await using var billing = await Subscribe("billing", "billing.results");
        await using var sales = await Subscribe("sales", "sales.results");

        await Send(host, Run("ours", "billing").Complete("""{"rows":3.0}""").Inputs);
        await Send(host, Run("theirs", "sales").Fail("DISK_FULL").Inputs);
        await Send(host, Run("nobodys", null).Complete().Inputs);

        var ours = await Take(billing, "billing.results");
        Assert.Equal(("ours", "completed", "COMPLETED", "billing", "agent-1", """{"rows":3.0}"""),
            (Text(ours, "task_id"), Text(ours, "status"), Text(ours, "legacy_status"), Text(ours, "requester_agent_id"), Text(ours, "executor_agent_id"),
                Text(ours, "result")));
        Assert.Equal(["attempt", "completed_at", "execution_metadata", "executor_agent_id", "legacy_status", "requester_agent_id", "result", "status",
            "task_id", "task_type", "version"], ours.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        var theirs = await Take(sales, "sales.results");
        Assert.Equal(("theirs", "failed", "FAILED", "it did not work"),
            (Text(theirs, "task_id"), Text(theirs, "status"), Text(theirs, "legacy_status"), Text(theirs, "error_message")));
        Assert.Null(await billing.BasicGetAsync("billing.results", autoAck: true));
        Assert.Null(await sales.BasicGetAsync("sales.results", autoAck: true));
    }

    [Fact]
    public async Task A_redelivery_sends_the_result_again_under_the_same_id()
    {
        await using var host = await Start();
        await using var channel = await Subscribe("again", "again.results");
        var life = Run("twice", "again").Complete();
        await Send(host, life.Inputs);
        var first = await Get(channel, "again.results");

        await Send(host, [life.Last]);

        var second = await Get(channel, "again.results");
        Assert.Equal(TaskOutcome.MessageIdOf("twice"), Guid.Parse(first.BasicProperties.MessageId!));
        Assert.Equal(first.BasicProperties.MessageId, second.BasicProperties.MessageId);
    }

    [Fact]
    public async Task A_partial_result_after_the_end_does_not_send_the_result_again()
    {
        await using var host = await Start();
        await using var channel = await Subscribe("parts", "parts.results");
        var life = Run("first", "parts").Complete();
        await Send(host, life.Inputs);
        Assert.Equal("first", Text(await Take(channel, "parts.results"), "task_id"));

        var reports = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Status));
        await reports.Send(((StateInput.Partial)life.Part(1, number: 1).Last).Message);
        var states = host.Services.GetRequiredService<IStateQueries>();
        _ = await Eventually.Seen(cancel => states.Partials("first", 0, 10, cancel), parts => parts.Count == 1, "it is kept");
        await Send(host, Run("second", "parts").Complete().Inputs);

        Assert.Equal("second", Text(await Take(channel, "parts.results"), "task_id"));
    }

    [Fact]
    public async Task A_requester_without_a_queue_is_left_alone_until_somebody_says_that_they_listen()
    {
        // A clock that stands still: whoever was left alone once is left alone for ever.
        await using var host = await Start(new ManualClock());
        await Send(host, Run("unheard", "late").Complete().Inputs);
        await using var control = await Subscribe("control", "control.results");
        await Send(host, Run("heard-by-another", "control").Complete().Inputs);
        _ = await Take(control, "control.results");
        await using var channel = await Subscribe("late", "late.results");

        await host.Services.GetRequiredService<IBus>().Publish(new TaskEventsWanted { Queue = "late.results" });

        _ = await Eventually.Seen(async cancel =>
        {
            await Send(host, Run("heard", "late").Complete().Inputs);
            return await channel.BasicGetAsync("late.results", autoAck: true, cancel);
        }, got => got is not null, "a result arrives");
    }

    [Theory]
    [InlineData(TaskState.Completed, "COMPLETED")]
    [InlineData(TaskState.Cancelled, "CANCELLED")]
    [InlineData(TaskState.Failed, "FAILED")]
    [InlineData(TaskState.Rejected, "FAILED")]
    [InlineData(TaskState.Expired, "FAILED")]
    public void The_guide_knows_three_ends(TaskState state, string word) => Assert.Equal(word, TaskOutcome.Legacy(state));

    private static Life Run(string task, string? requester) => new Life(task).Submit(requester: requester).Queue().Offer("agent-1").Run();

    private async Task<WebApplication> Start(TimeProvider? clock = null)
    {
        string[] args =
        [
            "--urls=http://127.0.0.1:0", "--Security:Mode=open", "--environment=Test", "--Logging:LogLevel:Default=None",
            .. broker.Settings.Select(pair => $"--{pair.Key.Replace("__", ":", StringComparison.Ordinal)}={pair.Value}"),
        ];
        IModule[] modules = clock is null ? [new StateSyncModule()] : [new StateSyncModule(), new EventTests.Clocked(clock)];
        var host = MicroHost.Build(args, TransportKind.RabbitMq, Persistence.StoreKind.InMemory, modules);
        await host.StartAsync();
        await Eventually.True(
            () => host.Services.GetRequiredService<IBusControl>().CheckHealth().Status == BusHealthStatus.Healthy, "the bus is up");
        return host;
    }

    private static async Task Send(WebApplication host, IEnumerable<StateInput> inputs)
    {
        var address = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Transitions));
        foreach (var input in inputs.Cast<StateInput.Transition>()) { await address.Send(input.Message); }
    }

    private async Task<IChannel> Subscribe(string requester, string queue)
    {
        var connection = await new ConnectionFactory { Uri = broker.Address }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync("task.results", "direct", durable: true);
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(queue, "task.results", requester);
        return channel;
    }

    private static async Task<BasicGetResult> Get(IChannel channel, string queue) =>
        (await Eventually.Seen(cancel => channel.BasicGetAsync(queue, autoAck: true, cancel), message => message is not null, "a result"))!;

    private static async Task<JsonElement> Take(IChannel channel, string queue) =>
        JsonElement.Parse((await Get(channel, queue)).Body.Span).GetProperty("message");

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var member) ? member.ToString() : "";
}

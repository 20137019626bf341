using System.Diagnostics;
using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Events;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

[Trait("Requirement", "78")]
[Trait("Requirement", "91")]
public sealed class WaitTests
{
    // At its end a wait looks once more, with or without an event; only what comes well before it was woken.
    private static readonly TimeSpan BeforeTheWaitIsOver = TimeSpan.FromSeconds(20);

    private const string Task1 = """{"task_id":"t","task_type":"a"}""";

    [Fact]
    public async Task A_submission_that_waits_answers_with_the_result_when_the_event_comes()
    {
        // The safety look every minute cannot help: only the event can.
        await using var host = await GatewayHost.Start(("A2A:Gateway:WaitReread", "00:01:00"));
        var call = host.Post("/v1/tasks", Task1, ("Prefer", "respond-async, wait=30"));
        await Watched(host);
        await End(host, tell: true);

        using var reply = await call.WaitAsync(BeforeTheWaitIsOver);
        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Equal("wait=30", reply.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal("Prefer", string.Join(",", reply.Headers.Vary));
        Assert.Equal("completed", (await reply.Json()).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("/v1/tasks/t")]
    [InlineData("/v1/tasks/t/result")]
    public async Task A_read_that_waits_answers_when_the_event_comes(string path)
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:WaitReread", "00:01:00"));
        host.Neighbours.Put("t", TaskState.Running);
        var call = host.Get(path + "?wait=30s");
        await Watched(host);
        await End(host, tell: true);
        using var reply = await call.WaitAsync(BeforeTheWaitIsOver);
        Assert.Equal("completed", (await reply.Json()).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData(TaskState.Completed)]
    [InlineData(TaskState.Failed)]
    public async Task An_end_that_comes_with_its_document_is_answered_from_it(TaskState state)
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:WaitReread", "00:01:00"));
        var call = host.Post("/v1/tasks", Task1, ("Prefer", "wait=30"));
        await Watched(host);
        // StateSync itself never hears of it here: who asked there would be told that it is submitted.
        await Publish(host, Document(state));
        using var reply = await call.WaitAsync(BeforeTheWaitIsOver);
        Assert.Equal((200, state.Word()), ((int)reply.StatusCode, (await reply.Json()).GetProperty("state").GetString()));

        // What was completed stays so; what failed may be tried again.
        using var read = await host.Get("/v1/tasks/t");
        Assert.Equal(state == TaskState.Completed ? "completed" : "submitted", (await read.Json()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_is_fetched()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:WaitReread", "00:01:00"));
        var call = host.Post("/v1/tasks", Task1, ("Prefer", "wait=30"));
        await Watched(host);
        var document = host.Neighbours.Put("t", TaskState.Completed);
        await Publish(host, document, "{");
        using var reply = await call.WaitAsync(BeforeTheWaitIsOver);
        Assert.Equal("completed", (await reply.Json()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_task_that_was_accepted_here_and_not_heard_to_end_is_not_read_before_the_wait()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:WaitReread", "00:01:00"));
        using var accepted = await host.Post("/v1/tasks", Task1);
        host.Neighbours.Put("t", TaskState.Failed);
        var call = host.Get("/v1/tasks/t/result?wait=30");
        await Watched(host);
        Assert.False(call.IsCompleted);
        await Publish(host, Document(TaskState.Cancelled));
        using var reply = await call.WaitAsync(BeforeTheWaitIsOver);
        Assert.Equal("cancelled", (await reply.Json()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_lost_event_costs_no_more_than_the_safety_look()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:WaitReread", "00:00:00.100"));
        host.Neighbours.Put("t", TaskState.Running);
        var call = host.Get("/v1/tasks/t?wait=30");
        await Watched(host);
        await End(host, tell: false);
        using var reply = await call.WaitAsync(BeforeTheWaitIsOver);
        Assert.Equal("completed", (await reply.Json()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task When_the_time_is_over_a_submission_answers_202_and_a_read_what_there_is()
    {
        await using var host = await GatewayHost.Start();
        var watch = Stopwatch.StartNew();
        using var submitted = await host.Post("/v1/tasks", Task1, ("Prefer", "wait=1"));
        Assert.True(watch.Elapsed >= TimeSpan.FromMilliseconds(990), $"answered after {watch.Elapsed}");
        Assert.Equal(202, (int)submitted.StatusCode);
        Assert.Equal("submitted", (await submitted.Json()).GetProperty("state").GetString());

        using var read = await host.Get("/v1/tasks/t?wait=1");
        Assert.Equal(200, (int)read.StatusCode);
        Assert.Equal("submitted", (await read.Json()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_wish_over_the_limit_is_cut_and_an_unreadable_one_ignored()
    {
        await using var host = await GatewayHost.Start();
        await End(host, tell: false);
        using var cut = await host.Get("/v1/tasks/t", ("Prefer", "wait=3600"));
        Assert.Equal("wait=60", cut.Headers.GetValues("Preference-Applied").Single());
        using var ignored = await host.Get("/v1/tasks/t", ("Prefer", "wait=soon, handling=strict"));
        Assert.False(ignored.Headers.Contains("Preference-Applied"));
        using var wrong = await host.Get("/v1/tasks/t?wait=soon");
        Assert.Equal(["#/query/wait"], (await wrong.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public async Task Too_many_who_wait_are_refused_before_memory_is()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:WatchersMax", "1"));
        host.Neighbours.Put("t", TaskState.Running);
        var first = host.Get("/v1/tasks/t?wait=30");
        await Watched(host);
        using var second = await host.Get("/v1/tasks/t?wait=30");
        await second.Problem(429, "RATE_LIMITED");
        await End(host, tell: true);
        using var reply = await first;
        Assert.Equal(200, (int)reply.StatusCode);
    }

    internal static Task Watched(GatewayHost host) =>
        Eventually.True(() => host.Services.GetRequiredService<Watchers>().Count > 0, "somebody watches");

    private static TaskDocument Document(TaskState state) => new()
    {
        TaskId = "t",
        TaskType = "a",
        State = state,
        Version = 5,
        Sequence = 5,
        Priority = 2,
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
        EndedAt = DateTimeOffset.UnixEpoch,
        Attempt = 1,
        Mode = TaskMode.Routed,
    };

    private static Task Publish(GatewayHost host, TaskDocument document, string? text = null) =>
        host.Services.GetRequiredService<IBus>().Publish(new StateChanged
        {
            TaskId = document.TaskId,
            Version = document.Version,
            Timestamp = document.UpdatedAt,
            State = document.State,
            Document = text ?? JsonSerializer.Serialize(document, WireJson.Options),
        });

    private static async Task End(GatewayHost host, bool tell)
    {
        var document = host.Neighbours.Put("t", TaskState.Completed);
        if (!tell) { return; }
        await host.Services.GetRequiredService<IBus>().Publish(
            new StateChanged { TaskId = "t", Version = document.Version, Timestamp = document.UpdatedAt, State = document.State });
    }
}

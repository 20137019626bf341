using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Estimates;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Deadlines by history (requirements 75, 97).</summary>
[Trait("Requirement", "75")]
[Trait("Requirement", "97")]
public sealed class EstimateTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static readonly TaskTypeStatistics Slow = new()
    {
        TaskType = "slow.work",
        Count = 25,
        Completed = 20,
        Cancelled = 1,
        SuccessRate = 0.8333,
        ExecutionS = new DurationFigures { P05 = 100, P50 = 200, P95 = 300, P99 = 400 },
        TotalS = new DurationFigures { P05 = 110, P50 = 300, P95 = 500, P99 = 900 },
    };

    private readonly Neighbours _neighbours = new();
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _neighbours.Histories["slow.work"] = Slow;
        _neighbours.Histories["new.work"] = Slow with { TaskType = "new.work", Completed = 19 };
        _neighbours.Histories["simple.work"] = Slow with { TaskType = "simple.work", ExecutionS = Slow.ExecutionS! with { P05 = 9999 } };
        _host = await GatewayHost.Start(_neighbours);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Requirement_75_a_deadline_that_history_makes_impossible_is_refused_with_a_better_one()
    {
        using var reply = await _host.Post("/v1/tasks", Submission("slow.work", seconds: 60));

        var problem = await reply.Problem(422, "DEADLINE_IMPOSSIBLE");
        Assert.Equal(["#/deadline"], problem.Pointers());
        var suggested = problem.GetProperty("suggested_deadline").GetDateTimeOffset();
        Assert.InRange(suggested - Now, TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(700));
        using var again = await _host.Post("/v1/tasks", $$"""{"task_type":"slow.work","deadline":"{{UtcTimeConverter.Print(suggested)}}"}""");
        Assert.Equal(202, (int)again.StatusCode);
    }

    [Theory]
    [InlineData("slow.work", 150)]
    [InlineData("new.work", 60)]
    [InlineData("other.work", 60)]
    public async Task A_deadline_that_some_meet_or_about_which_little_is_known_is_taken(string type, int seconds)
    {
        using var reply = await _host.Post("/v1/tasks", Submission(type, seconds));
        Assert.Equal(202, (int)reply.StatusCode);
    }

    [Fact]
    public async Task A_deadline_that_nobody_chose_is_not_refused()
    {
        using var reply = await _host.Post("/v1/tasks", """{"task_type":"simple.work"}""");
        Assert.Equal(202, (int)reply.StatusCode);
    }

    [Fact]
    public async Task Nothing_is_refused_while_history_cannot_be_read()
    {
        _neighbours.StatesDown = true;
        using var reply = await _host.Post("/v1/tasks", Submission("slow.work", seconds: 60));
        Assert.Equal(202, (int)reply.StatusCode);
        using var stats = await _host.Get("/v1/stats/task-types/slow.work");
        _ = await stats.Problem(503, "COM002");
    }

    [Fact]
    public async Task Requirement_97_the_figures_of_a_type_can_be_read()
    {
        using var reply = await _host.Get("/v1/stats/task-types/slow.work");
        var figures = await reply.Json();
        Assert.Equal((25, 20), (figures.GetProperty("count").GetInt32(), figures.GetProperty("completed").GetInt32()));
        Assert.Equal(0.8333, figures.GetProperty("success_rate").GetDouble());
        Assert.Equal((100, 200, 300, 400), (Second("p05"), Second("p50"), Second("p95"), Second("p99")));
        Assert.True(figures.TryGetProperty("suggested_deadline", out _));
        using var none = await _host.Get("/v1/stats/task-types/never.seen");
        Assert.Equal(0, (await none.Json()).GetProperty("count").GetInt32());
        using var wrong = await _host.Get("/v1/stats/task-types/no%20type");
        Assert.Equal(["#/path/task_type"], (await wrong.Problem(400, "MSG001")).Pointers());

        int Second(string name) => figures.GetProperty("execution_s").GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task A_task_says_whether_it_may_miss_its_deadline()
    {
        _ = _neighbours.Put("late", TaskState.Running, task => task with { TaskType = "slow.work", StartedAt = Now, Deadline = Now.AddSeconds(250) });
        _ = _neighbours.Put("fine", TaskState.Running, task => task with { TaskType = "slow.work", StartedAt = Now, Deadline = Now.AddSeconds(350) });
        _ = _neighbours.Put("free", TaskState.Running, task => task with { TaskType = "slow.work", StartedAt = Now });

        Assert.True((await Read("late")).GetProperty("at_risk").GetBoolean());
        Assert.False((await Read("fine")).GetProperty("at_risk").GetBoolean());
        Assert.False((await Read("free")).TryGetProperty("at_risk", out _));
    }

    [Theory]
    [InlineData(TaskState.Queued, null, 299, true)]
    [InlineData(TaskState.Queued, null, 301, false)]
    [InlineData(TaskState.Running, -290, 11, false)]
    [InlineData(TaskState.Running, -1000, 1, false)]
    [InlineData(TaskState.Completed, -10, 1, null)]
    public void A_task_is_at_risk_when_a_slow_execution_would_be_late(TaskState state, int? started, int deadline, bool? atRisk)
    {
        var task = _neighbours.Put("t", state, one => one with
        {
            StartedAt = started is { } ago ? Now.AddSeconds(ago) : null,
            Deadline = Now.AddSeconds(deadline),
        });
        Assert.Equal(atRisk, DeadlineRules.IsAtRisk(Slow, 20, task, Now));
    }

    private async Task<System.Text.Json.JsonElement> Read(string taskId)
    {
        using var reply = await _host.Get("/v1/tasks/" + taskId);
        return await reply.Json();
    }

    private static string Submission(string type, int seconds) =>
        $$"""{"task_type":"{{type}}","deadline":"{{UtcTimeConverter.Print(TimeProvider.System.GetUtcNow().AddSeconds(seconds))}}"}""";
}

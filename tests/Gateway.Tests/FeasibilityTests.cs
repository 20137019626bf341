using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Requirements 27: what can never fit is refused when it is handed in; a dry run says the same, and stores nothing.</summary>
[Trait("Requirement", "27")]
public sealed class FeasibilityTests : IAsyncLifetime
{
    private const string Large = """{"task_type":"data.analysis","requirements":{"memory_gb":64}}""";
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        var neighbours = new Neighbours();
        neighbours.Fleet.Add(Agent("a", memoryGb: 8, ("zone", "us")));
        neighbours.Fleet.Add(Agent("b", memoryGb: 16));
        _host = await GatewayHost.Start(neighbours, ("A2A:Gateway:TypesRefresh", "00:10:00"));
        // From here on it knows them, however slow its own first question is.
        _ = await Eventually.Seen(async _ => (int)(await _host.Get("/v1/task-types")).StatusCode, status => status == 200, "it knows the fleet");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_task_that_is_larger_than_every_agent_is_refused_with_what_is_missing()
    {
        using var reply = await _host.Post("/v1/tasks", Large);

        var problem = await reply.Problem(422, "RESOURCE_UNAVAILABLE");
        Assert.Equal(["#/requirements"], problem.Pointers());
        Assert.Contains("INFEASIBLE: memory_gb 64 > 16, the largest of 2 agents that handle data.analysis",
            problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(_host.Neighbours.Submitted);
    }

    [Fact]
    public async Task What_is_refused_at_the_door_is_told_to_who_keeps_the_history_of_denials_and_a_dry_run_is_not()
    {
        using var rehearsed = await _host.Post("/v1/tasks?dry_run=true", """{"task_type":"data.analysis","requirements":{"gpu_units":1}}""");
        foreach (var id in new[] { "first", "second" })
        {
            using var reply = await _host.Post("/v1/tasks", Large.Insert(1, $"\"task_id\":\"{id}\","));
        }

        using var batch = await _host.Post("/v1/tasks:batch",
            """{"atomic":false,"tasks":[{"task_id":"third","task_type":"data.analysis","requirements":{"memory_gb":64}},{"task_type":"data.analysis"}]}""");
        _ = await Eventually.Seen(
            _ => Task.FromResult(_host.Neighbours.Refused.Sum(refused => refused.Count)), count => count == 3, "three refusals are told");

        Assert.Equal((422, 202), ((int)rehearsed.StatusCode, (int)batch.StatusCode));
        Assert.All(_host.Neighbours.Refused, refused =>
            Assert.Equal(("data.analysis", "INFEASIBLE", "memory_gb"), (refused.TaskType, refused.Code, refused.Dimension)));
        Assert.Equal("third", _host.Neighbours.Refused.Last().LastTaskId);
    }

    [Fact]
    public async Task Labels_that_nobody_has_are_refused_too()
    {
        using var reply = await _host.Post("/v1/tasks",
            """{"task_type":"data.analysis","constraints":[{"label":"zone","op":"eq","value":"eu"}]}""");

        var problem = await reply.Problem(422, "RESOURCE_UNAVAILABLE");
        Assert.Equal(["#/constraints"], problem.Pointers());
        Assert.Contains("label zone=eu excludes 2 of 2 agents", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"task_type":"data.analysis","requirements":{"memory_gb":64},"on_infeasible":"wait"}""")]
    [InlineData("""{"task_type":"nobody.does_this","requirements":{"memory_gb":64}}""")]
    [InlineData("""{"task_type":"data.analysis","requirements":{"memory_gb":64},"responder_agent_id":"not-seen-yet"}""")]
    [InlineData("""{"task_type":"data.analysis","requirements":{"memory_gb":16}}""")]
    public async Task Who_would_rather_wait_or_for_whom_nobody_is_known_yet_is_accepted(string body)
    {
        using var reply = await _host.Post("/v1/tasks", body);
        Assert.Equal(202, (int)reply.StatusCode);
    }

    [Fact]
    public async Task The_ordinary_submission_asks_nobody_and_a_refusal_asks_once()
    {
        using var first = await _host.Post("/v1/tasks", """{"task_type":"data.analysis"}""");
        var asked = _host.Neighbours.TypeQuestions;
        for (var i = 0; i < 5; i++) { using var more = await _host.Post("/v1/tasks", """{"task_type":"data.analysis"}"""); }
        Assert.Equal(asked, _host.Neighbours.TypeQuestions);

        _host.Neighbours.Fleet.Add(Agent("large", memoryGb: 64));
        using var late = await _host.Post("/v1/tasks", Large);

        Assert.Equal(202, (int)late.StatusCode); // it had come, and nobody had told us yet
        Assert.Equal(asked + 1, _host.Neighbours.TypeQuestions);
    }

    [Fact]
    public async Task In_a_batch_the_one_that_can_never_fit_is_named()
    {
        using var reply = await _host.Post("/v1/tasks:batch?atomic=false", $$"""{"tasks":[{"task_type":"data.analysis"},{{Large}}]}""");

        var items = (await reply.Json()).GetProperty("items");
        Assert.Equal((202, 422), (items[0].GetProperty("status").GetInt32(), items[1].GetProperty("status").GetInt32()));
        Assert.Equal("#/tasks/1/requirements", items[1].GetProperty("problem").GetProperty("errors")[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task A_dry_run_says_where_it_would_start_and_stores_nothing()
    {
        _host.Neighbours.OnPlan = _ => new RoomPlan { At = DateTimeOffset.UnixEpoch, Feasible = true, AgentId = "b" };

        using var reply = await _host.Post("/v1/tasks?dry_run=true",
            """{"task_id":"rehearsed","task_type":"data.analysis","priority":"high","requirements":{"memory_gb":16}}""");

        Assert.Equal(200, (int)reply.StatusCode);
        var plan = await reply.Json();
        Assert.True(plan.GetProperty("dry_run").GetBoolean() && plan.GetProperty("feasible").GetBoolean());
        Assert.Equal((true, "b", 3), (plan.GetProperty("starts_now").GetBoolean(), plan.GetProperty("agent_id").GetString(),
            plan.GetProperty("priority").GetInt32()));
        Assert.Equal(16, Assert.Single(_host.Neighbours.Plans).Room.Requirements.MemoryGb);
        using var missing = await _host.Get("/v1/tasks/rehearsed");
        Assert.Equal(404, (int)missing.StatusCode);
        Assert.Empty(_host.Neighbours.Submitted);
    }

    [Fact]
    public async Task A_dry_run_of_a_task_that_would_wait_says_behind_what_and_until_when()
    {
        var at = new DateTimeOffset(2026, 3, 21, 12, 4, 0, TimeSpan.Zero);
        _host.Neighbours.OnPlan = asked => new RoomPlan
        {
            At = at,
            Feasible = true,
            Waits = new WaitExplanation
            {
                TaskId = asked.Room.TaskId,
                Attempt = 1,
                Reasons = [new WaitReason { Code = "AGENT_CAPACITY", Sentence = "all slots are taken" }],
                Summary = "every slot taken on 2 agents",
                Tally = [],
                Agents = [],
                Position = 4,
                LineLength = 9,
                EnqueuedAt = at,
                EstimatedStart = new StartEstimate { Earliest = at, Likely = at, Latest = at, AgentId = "a" },
            },
        };

        using var reply = await _host.Post("/v1/tasks?dry_run=true",
            """{"task_type":"data.analysis","dependencies":["other"],"not_before":"2999-01-01T00:00:00Z"}""");

        var plan = await reply.Json();
        Assert.Equal(["DEPENDENCY", "SCHEDULED_LATER", "AGENT_CAPACITY"],
            plan.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetProperty("code").GetString()));
        Assert.Equal((false, 4, "a"), (plan.GetProperty("starts_now").GetBoolean(), plan.GetProperty("position").GetInt32(),
            plan.GetProperty("agent_id").GetString()));
    }

    [Fact]
    public async Task A_dry_run_refuses_what_would_be_refused()
    {
        using var wrong = await _host.Post("/v1/tasks?dry_run=true", """{"task_type":"a..b"}""");
        Assert.Equal(["#/task_type"], (await wrong.Problem(400, "MSG001")).Pointers());
        using var large = await _host.Post("/v1/tasks?dry_run=true", Large);
        _ = await large.Problem(422, "RESOURCE_UNAVAILABLE");
        using var odd = await _host.Post("/v1/tasks?dry_run=perhaps", """{"task_type":"a.b"}""");
        Assert.Equal(["#/query/dry_run"], (await odd.Problem(400, "MSG001")).Pointers());
        using var first = await _host.Post("/v1/tasks", """{"task_id":"taken","task_type":"a.b"}""");
        using var other = await _host.Post("/v1/tasks?dry_run=true", """{"task_id":"taken","task_type":"a.c"}""");
        _ = await other.Problem(409, "CONFLICT");
        Assert.Empty(_host.Neighbours.Plans);
    }

    [Fact]
    public async Task What_was_accepted_once_stays_accepted_though_the_large_agent_is_forgotten_by_now()
    {
        const string body = """{"task_id":"once","task_type":"data.analysis","requirements":{"memory_gb":16}}""";
        using var first = await _host.Post("/v1/tasks", body);
        Assert.Equal(202, (int)first.StatusCode);
        _host.Neighbours.Fleet.RemoveAt(1);
        using var types = await _host.Get("/v1/task-types"); // asks anew

        using var again = await _host.Post("/v1/tasks", body);

        Assert.Equal(200, (int)again.StatusCode);
    }

    private static AgentProfile Agent(string id, double memoryGb, params (string Name, string Value)[] labels) => new()
    {
        AgentId = id,
        TaskTypes = ["data.*"],
        Capacity = new AgentCapacity { Slots = 1, MemoryGb = memoryGb },
        Labels = labels.ToDictionary(label => label.Name, label => label.Value),
    };
}

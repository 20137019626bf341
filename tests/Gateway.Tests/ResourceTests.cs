using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using System.Text.Json;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Why a task waits, who holds what, and who waits.</summary>
[Trait("Requirement", "26")]
public sealed class ResourceTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly WaitExplanation Busy = new()
    {
        TaskId = "t",
        Attempt = 1,
        Reasons =
        [
            new WaitReason { Code = "INSUFFICIENT_RESOURCES", Sentence = "memory_gb 8 is not free" },
            new WaitReason { Code = "HIGHER_PRIORITY_AHEAD", Sentence = "1 task of a higher priority stands before it" },
        ],
        Summary = "memory short by 4 GiB on 3 agents",
        Tally = [new AgentTally { Code = "BUSY", Kind = "memory", Agents = 3, Missing = 4 }],
        Agents = [new AgentFinding { AgentId = "a", Code = "BUSY" }],
        Position = 2,
        LineLength = 7,
        EnqueuedAt = Noon,
    };

    private readonly Neighbours _neighbours = new();
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start(_neighbours, ("A2A:Gateway:AnswerTimeout", "00:00:01"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_task_that_waits_for_room_says_why_with_evidence_and_its_place()
    {
        _ = _neighbours.Put("t", TaskState.Queued);
        _neighbours.OnExplain = question => new WaitExplained { Explanation = question.TaskId == "t" ? Busy : null };

        var why = await Read("/v1/tasks/t/explain");
        var waiting = (await Read("/v1/tasks/t")).GetProperty("waiting");

        Assert.Equal(["INSUFFICIENT_RESOURCES", "HIGHER_PRIORITY_AHEAD"], Codes(why));
        Assert.Equal((2, 7, "memory short by 4 GiB on 3 agents"),
            (why.GetProperty("position").GetInt32(), why.GetProperty("line_length").GetInt32(), why.GetProperty("summary").GetString()));
        Assert.Equal("a", why.GetProperty("agents")[0].GetProperty("agent_id").GetString());
        Assert.False(why.TryGetProperty("estimated_start", out _));
        Assert.Equal(("INSUFFICIENT_RESOURCES", "memory short by 4 GiB on 3 agents", 2),
            (waiting.GetProperty("code").GetString(), waiting.GetProperty("evidence").GetString(), waiting.GetProperty("position").GetInt32()));
    }

    [Fact]
    public async Task The_estimate_rests_on_the_history_of_every_type_that_matters()
    {
        _ = _neighbours.Put("t", TaskState.Queued);
        foreach (var type in new[] { "data.analysis", "slow.work" }) { _neighbours.Histories[type] = History(type, completed: 50); }
        _neighbours.Histories["new.work"] = History("new.work", completed: 3);
        _neighbours.OnExplain = question => new WaitExplained
        {
            Explanation = question.RunTimes.Any(times => times.TaskType == "slow.work")
                ? Busy with { EstimatedStart = new StartEstimate { Earliest = Noon, Likely = Noon.AddSeconds(1), Latest = Noon.AddSeconds(2) } }
                : Busy with { RunTimesWanted = ["new.work", "slow.work", "unheard.of"] },
        };

        var estimate = (await Read("/v1/tasks/t/explain")).GetProperty("estimated_start");

        Assert.Equal([Noon, Noon.AddSeconds(1), Noon.AddSeconds(2)],
            new[] { "earliest", "likely", "latest" }.Select(name => estimate.GetProperty(name).GetDateTimeOffset()));
        Assert.Equal(["data.analysis 1 2 3", "slow.work 1 2 3"], _neighbours.Explains.Last().RunTimes
            .Select(times => $"{times.TaskType} {times.P05S} {times.P50S} {times.P95S}"));
    }

    [Theory]
    [InlineData(TaskState.Submitted, "VALIDATING")]
    [InlineData(TaskState.Blocked, "HELD")]
    [InlineData(TaskState.Offered, "AWAITING_AGENT_ACCEPT")]
    [InlineData(TaskState.Paused, "PAUSED_BY_REQUEST")]
    [InlineData(TaskState.InputRequired, "AWAITING_INPUT")]
    [InlineData(TaskState.Running, "")]
    [InlineData(TaskState.Completed, "")]
    public async Task A_task_that_does_not_stand_in_the_line_is_explained_by_itself(TaskState state, string code)
    {
        _ = _neighbours.Put("t", state);

        var why = await Read("/v1/tasks/t/explain");

        Assert.Equal(code, string.Join(' ', Codes(why)));
        Assert.False(why.TryGetProperty("position", out _));
        Assert.Empty(_neighbours.Explains);
    }

    [Theory]
    [InlineData(1, "INSUFFICIENT_RESOURCES")]
    [InlineData(2, "NO_AGENT_FOR_TYPE")]
    public async Task What_is_said_about_an_older_attempt_does_not_count(int attempt, string code)
    {
        _ = _neighbours.Put("t", TaskState.Queued, task => task with { Attempt = attempt, Code = "NO_AGENT_FOR_TYPE", Reason = "nobody" });
        _neighbours.OnExplain = _ => new WaitExplained { Explanation = Busy };

        Assert.Equal(code, Codes(await Read("/v1/tasks/t/explain"))[0]);
    }

    [Fact]
    public async Task A_silent_ResourceManager_leaves_what_the_task_says_and_slows_one_reader_only()
    {
        _ = _neighbours.Put("t", TaskState.Queued, task => task with { Code = "AGENT_CAPACITY", Reason = "all slots are taken" });
        _neighbours.OnExplain = _ => null;

        var why = await Read("/v1/tasks/t/explain");
        Assert.True(why.GetProperty("stale").GetBoolean());
        Assert.Equal(["AGENT_CAPACITY"], Codes(why));

        var asked = _neighbours.Explains.Count;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("AGENT_CAPACITY", (await Read("/v1/tasks/t")).GetProperty("waiting").GetProperty("code").GetString());
        }

        Assert.Equal(asked + 1, _neighbours.Explains.Count);
    }

    [Fact]
    public async Task A_task_that_nobody_knows_is_not_found()
    {
        using var reply = await _host.Get("/v1/tasks/nobody/explain");
        _ = await reply.Problem(404, "NOT_FOUND");
    }

    [Fact]
    public async Task The_line_is_read_page_by_page()
    {
        var place = new LinePlace { KeyUs = -5, DeadlineUs = long.MaxValue, EnqueuedUs = 7, TaskId = "t", Attempt = 2 };
        _neighbours.OnLine = question => new WaitingPage
        {
            Length = 3,
            Entries = [],
            Next = question.After == place && question.Limit == 2 ? null : place,
        };

        using var first = await _host.Get("/v1/queue?limit=2");
        var page = await first.Json();
        var cursor = page.GetProperty("next_cursor").GetString();
        Assert.Equal($"</v1/queue?limit=2&cursor={cursor}>; rel=\"next\"", first.Headers.GetValues("Link").Single());
        using var second = await _host.Get("/v1/queue?limit=2&cursor=" + cursor);

        Assert.Equal(3, page.GetProperty("length").GetInt32());
        Assert.False((await second.Json()).TryGetProperty("next_cursor", out _));
    }

    [Theory]
    [InlineData("limit=0", "#/query/limit")]
    [InlineData("limit=201", "#/query/limit")]
    [InlineData("limit=x", "#/query/limit")]
    [InlineData("cursor=", "#/query/cursor")]
    [InlineData("cursor=MSAx", "#/query/cursor")]
    [InlineData("cursor=%00", "#/query/cursor")]
    [InlineData("limit=-1&cursor=!", "#/query/limit #/query/cursor")]
    public async Task A_query_that_cannot_be_read_is_refused(string query, string pointers)
    {
        using var reply = await _host.Get("/v1/queue?" + query);
        Assert.Equal(pointers, string.Join(' ', (await reply.Problem(400, "MSG001")).Pointers()));
    }

    [Fact]
    public async Task The_matrix_can_be_read() =>
        Assert.Equal("gpu", (await Read("/v1/resources")).GetProperty("totals")[0].GetProperty("kind").GetString());

    [Fact]
    public async Task What_was_refused_for_want_of_which_kind_can_be_read_hours_back()
    {
        var denials = await Read("/v1/resources/denials?hours=3");

        Assert.Equal(("memory_gb", 3), (denials.GetProperty("dimensions")[0].GetProperty("dimension").GetString(),
            denials.GetProperty("dimensions")[0].GetProperty("count").GetInt32()));
        Assert.Equal(3, (denials.GetProperty("at").GetDateTimeOffset() - denials.GetProperty("since").GetDateTimeOffset()).TotalHours);
        foreach (var wrong in new[] { "0", "721", "many" })
        {
            using var refused = await _host.Get("/v1/resources/denials?hours=" + wrong);
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Fact]
    public async Task A_requester_s_quota_shows_used_and_limit_and_an_id_that_cannot_be_one_is_refused()
    {
        var quota = await Read("/v1/requesters/team-a/quota");
        Assert.Equal(("team-a", 2), (quota.GetProperty("requester_id").GetString(), quota.GetProperty("weight").GetDouble()));
        var slots = quota.GetProperty("resources")[0];
        Assert.Equal((1, 4), (slots.GetProperty("used").GetInt32(), slots.GetProperty("limit").GetInt32()));

        using var refused = await _host.Get("/v1/requesters/a%20b/quota");
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
    }

    private static string[] Codes(JsonElement why) =>
        [.. why.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetProperty("code").GetString()!)];

    private static TaskTypeStatistics History(string type, int completed) => new()
    {
        TaskType = type,
        Count = completed,
        Completed = completed,
        Cancelled = 0,
        ExecutionS = new DurationFigures { P05 = 1, P50 = 2, P95 = 3, P99 = 4 },
    };

    private async Task<JsonElement> Read(string path)
    {
        using var reply = await _host.Get(path);
        Assert.Equal(200, (int)reply.StatusCode);
        return await reply.Json();
    }
}

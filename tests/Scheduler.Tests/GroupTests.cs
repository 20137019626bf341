using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Scheduler.Groups;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>Requirements 79 and 82: one task and several agents.</summary>
public sealed class GroupTests(RunningScheduler scheduler) : IClassFixture<RunningScheduler>
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_named_agent_is_given_a_task_of_its_own_and_their_results_become_one()
    {
        var id = await Broadcast("to-all", new SubmitTask { TaskId = "", Agents = ["a", "b"] }, "a", "b");
        var parts = (await scheduler.Find(id))!.Members;
        foreach (var part in parts)
        {
            var saga = await scheduler.Find(part.TaskId);
            Assert.Equal((part.AgentId, TaskMode.Direct, id, 1), (saga!.Task.ResponderAgentId, saga.Task.Mode, saga.Task.ParentTaskId, saga.Depth));
        }

        await End(id, "b", TaskState.Completed);
        var said = await End(id, "a", TaskState.Completed);

        var result = said.OfType<TaskTransitioned>().Single(step => step.State == TaskState.Completed).Result!.Value;
        string Outcome(int n) =>
            $$"""{"agent_id":"{{parts[n].AgentId}}","task_id":"{{parts[n].TaskId}}","state":"completed","result":{"by":"{{parts[n].AgentId}}"}""" + "}";
        Assert.Equal(
            """{"completion":"all","needed":2,"counts":{"completed":2},"outcomes":[""" + Outcome(0) + "," + Outcome(1) + "]}", result.GetRawText());
    }

    [Fact]
    public async Task The_first_of_a_race_wins_and_the_other_is_told_that_it_lost()
    {
        var id = await Broadcast("race", new SubmitTask { TaskId = "", Mode = TaskMode.Competitive, Agents = ["a", "b"] }, "a", "b");

        var said = await End(id, "b", TaskState.Completed);
        _ = await End(id, "a", TaskState.Completed);

        var end = said.OfType<TaskTransitioned>().Single();
        Assert.Equal((TaskState.Completed, "b", "RACE_WON", "b was first of a, b"), (end.State, end.AgentId, end.Code, end.Reason));
        Assert.Equal("""{"by":"b"}""", end.Result!.Value.GetRawText());
        Assert.Equal(
            [("a", TaskState.Cancelled, "LOST_RACE"), ("b", TaskState.Completed, null)], end.Members!.Select(one => (one.AgentId, one.State, one.Code)));
        var told = Assert.Single(said.OfType<CancelTask>());
        Assert.Equal((GroupVerdicts.MemberId(id, "a"), "LOST_RACE: enough other agents did race before"), (told.TaskId, told.Reason));
        await Comes(told.TaskId, "cancelled");
        Assert.Equal("b", (await scheduler.Find(id))!.AgentId);
    }

    [Fact]
    public async Task A_race_that_nobody_wins_fails_with_the_error_of_each()
    {
        var id = await Broadcast("in-vain", new SubmitTask { TaskId = "", Mode = TaskMode.Competitive, Agents = ["a", "b"] }, "a", "b");
        _ = await End(id, "a", TaskState.Failed);

        var end = (await End(id, "b", TaskState.Rejected)).OfType<TaskTransitioned>().Single();

        Assert.Equal((TaskState.Failed, "GROUP_FAILED"), (end.State, end.Error!.Code));
        Assert.Equal(["a failed: BAD (no)", "b rejected: BAD (no)"], end.Error.Details!);
    }

    [Fact]
    public async Task A_quorum_that_cannot_be_met_any_more_fails_at_once_and_the_others_stop()
    {
        var id = await Broadcast("quorum", new SubmitTask { TaskId = "", Quorum = 2, Agents = ["a", "b", "c"] }, "a", "b", "c");
        Assert.Empty((await End(id, "a", TaskState.Failed)).OfType<CancelTask>());

        var said = await End(id, "c", TaskState.Expired);

        Assert.Equal(TaskState.Failed, said.OfType<TaskTransitioned>().Single().State);
        Assert.Equal((GroupVerdicts.MemberId(id, "b"), "its parent quorum is failed"),
            (Assert.Single(said.OfType<CancelTask>()).TaskId, said.OfType<CancelTask>().Single().Reason));
    }

    [Fact]
    public async Task A_group_done_again_is_a_group_and_a_member_done_again_is_a_task_of_its_own()
    {
        var id = await Broadcast("again", new SubmitTask { TaskId = "", Agents = ["a"] }, "a");
        var member = GroupVerdicts.MemberId(id, "a");
        _ = await scheduler.Hear(new CancelTask { TaskId = id, CommandId = "c" });
        await Comes(member, "cancelled");

        var whole = Assert.Single((await scheduler.Hear(new RetryTask { TaskId = id, CommandId = "r" })).OfType<SubmitTask>());
        var part = Assert.Single((await scheduler.Hear(new RetryTask { TaskId = member, CommandId = "r" })).OfType<SubmitTask>());

        Assert.Equal((TaskMode.Broadcast, "a"), (whole.Mode, Assert.Single(whole.Agents!)));
        Assert.Equal((TaskMode.Direct, null, null), (part.Mode, part.ParentTaskId, part.AsMember));
    }

    [Fact]
    public void Too_few_agents_are_waited_for_and_that_is_said_once()
    {
        var saga = Waiting(new SubmitTask { TaskId = "g", Mode = TaskMode.Broadcast, Quorum = 2 });

        var first = GroupVerdicts.OfAgents(saga, Found("a"), TimeSpan.FromSeconds(2));
        saga.Notes = [first.Note!];
        var second = GroupVerdicts.OfAgents(saga, Found("a"), TimeSpan.FromSeconds(2));

        Assert.Equal((Verdict.Wait, "TOO_FEW_AGENTS", "2 agents must succeed, and 1 could do it now"), (first.Verdict, first.Cause.Code, first.Cause.Reason));
        Assert.Equal(Verdict.Block, second.Verdict);
        Assert.Equal(Verdict.Proceed, GroupVerdicts.OfAgents(saga, Found("a", "b"), TimeSpan.FromSeconds(2)).Verdict);
    }

    [Fact]
    public void A_race_starts_with_those_who_are_there() => Assert.Equal(Verdict.Proceed, GroupVerdicts.OfAgents(
        Waiting(new SubmitTask { TaskId = "g", Mode = TaskMode.Competitive, Competitors = 5 }), Found("a"), TimeSpan.FromSeconds(2)).Verdict);

    [Fact]
    public void More_agents_than_may_be_and_more_parameters_than_may_be_are_refused()
    {
        var many = GroupVerdicts.OfAgents(Waiting(new SubmitTask { TaskId = "g", Mode = TaskMode.Broadcast }),
            Found([.. Enumerable.Range(0, 101).Select(n => $"a{n}")]), TimeSpan.FromSeconds(2));
        var much = GroupVerdicts.OfAgents(
            Waiting(new SubmitTask { TaskId = "g", Mode = TaskMode.Broadcast, Parameters = JsonSerializer.SerializeToElement(new string('x', 200_000)) }),
            Found([.. Enumerable.Range(0, 50).Select(n => $"a{n}")]), TimeSpan.FromSeconds(2));

        Assert.Equal((Verdict.Reject, "PAYLOAD_TOO_LARGE"), (many.Verdict, many.Cause.Error!.Code));
        Assert.Equal((Verdict.Reject, "PAYLOAD_TOO_LARGE"), (much.Verdict, much.Cause.Error!.Code));
    }

    [Fact]
    public void A_result_above_its_share_is_left_with_the_member()
    {
        var saga = Waiting(new SubmitTask { TaskId = "g", Mode = TaskMode.Broadcast });
        saga.Members = [.. Enumerable.Range(0, 10).Select(n => new GroupMember { AgentId = $"a{n}", TaskId = $"t{n}" })];

        var judged = GroupVerdicts.OfMember(saga, Moved("t3", new string('x', 104_900)), Noon);
        var kept = GroupVerdicts.OfMember(saga, Moved("t4", new string('x', 104_800)), Noon);

        Assert.Equal("it has more than 104857 bytes; the member has it", judged.Members![3].Omitted);
        Assert.Null(judged.Members[3].Result);
        Assert.NotNull(kept.Members![4].Result);
    }

    [Fact]
    public void A_member_that_misses_the_deadline_of_the_group_ends_it_as_expired()
    {
        var saga = Waiting(new SubmitTask { TaskId = "g", Mode = TaskMode.Broadcast });
        saga.Members = [new GroupMember { AgentId = "a", TaskId = "t" }];
        saga.Deadline = Noon;
        var late = new MemberMoved { TaskId = "g", MemberId = "t", State = TaskState.Expired };

        Assert.Equal(Verdict.Expire, GroupVerdicts.OfMember(saga, late, Noon).Verdict);
        Assert.Equal(Verdict.Fail, GroupVerdicts.OfMember(saga, late, Noon.AddSeconds(-1)).Verdict);
    }

    private static TaskSaga Waiting(SubmitTask task) => new() { TaskId = "g", State = "queued", Attempt = 1, Task = task };

    private static AgentsFound Found(params string[] agents) => new() { TaskId = "g", Attempt = 1, AgentIds = agents };

    private static MemberMoved Moved(string member, object result) =>
        new() { TaskId = "g", MemberId = member, State = TaskState.Completed, Result = JsonSerializer.SerializeToElement(result) };

    private async Task<string> Broadcast(string id, SubmitTask task, params string[] agents)
    {
        _ = await scheduler.Hear(task with { TaskId = id, TaskType = "data.analysis", Mode = task.Mode ?? TaskMode.Broadcast });
        foreach (var agent in agents) { await Comes(GroupVerdicts.MemberId(id, agent), "queued"); }
        return id;
    }

    // The member says it when it ends; here it is said in its place.
    private Task<IReadOnlyList<object>> End(string id, string agent, TaskState state) => scheduler.Hear(new MemberMoved
    {
        TaskId = id,
        MemberId = GroupVerdicts.MemberId(id, agent),
        State = state,
        Result = state == TaskState.Completed ? JsonSerializer.SerializeToElement(new { by = agent }) : null,
        Error = state == TaskState.Completed ? null : new TaskError { Code = "BAD", Message = "no" },
    });

    private Task Comes(string id, string state) => Eventually.Seen(
        async _ => (await scheduler.Find(id))?.State, seen => seen == state, $"{id} is {state}");
}

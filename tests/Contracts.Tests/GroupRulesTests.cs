using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Contracts.Tests;

/// <summary>What a submission may say about several agents (requirements 79, 82).</summary>
public sealed class GroupRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly SubmitTask Broadcast = new() { TaskId = "t", TaskType = "a", Mode = TaskMode.Broadcast };
    private static readonly SubmitTask Race = Broadcast with { Mode = TaskMode.Competitive };

    public static TheoryData<string, string, SubmitTask> Violations { get; } = new()
    {
        { "#/agents", "MSG001", Broadcast with { Agents = [] } },
        { "#/agents", "MSG001", Broadcast with { Agents = [.. Enumerable.Range(0, 101).Select(n => $"a{n}")] } },
        { "#/agents", "MSG001", Race with { Agents = [.. Enumerable.Range(0, 17).Select(n => $"a{n}")] } },
        { "#/agents/1", "MSG001", Broadcast with { Agents = ["a", "b/c"] } },
        { "#/agents/2", "MSG001", Broadcast with { Agents = ["a", "b", "a"] } },
        { "#/agents", "PAYLOAD_TOO_LARGE", Large },
        { "#/agents", "MSG001", Broadcast with { Mode = null, Agents = ["a"] } },
        { "#/completion", "MSG001", Broadcast with { Mode = TaskMode.Routed, Completion = GroupCompletion.Any } },
        { "#/completion", "MSG001", Broadcast with { Completion = GroupCompletion.Unknown } },
        { "#/completion", "MSG001", Race with { Completion = GroupCompletion.Any } },
        { "#/quorum", "MSG001", Broadcast with { Mode = null, Quorum = 1 } },
        { "#/quorum", "MSG001", Broadcast with { Completion = GroupCompletion.Quorum } },
        { "#/quorum", "MSG001", Broadcast with { Completion = GroupCompletion.All, Quorum = 2 } },
        { "#/quorum", "MSG001", Broadcast with { Quorum = 0 } },
        { "#/quorum", "MSG001", Broadcast with { Quorum = 101 } },
        { "#/quorum", "MSG001", Broadcast with { Quorum = 3, Agents = ["a", "b"] } },
        { "#/quorum", "MSG001", Race with { Quorum = 1 } },
        { "#/competitors", "MSG001", Broadcast with { Mode = null, Competitors = 2 } },
        { "#/competitors", "MSG001", Broadcast with { Competitors = 2 } },
        { "#/competitors", "MSG001", Race with { Competitors = 1 } },
        { "#/competitors", "MSG001", Race with { Competitors = 17 } },
        { "#/competitors", "MSG001", Race with { Competitors = 2, Agents = ["a", "b"] } },
        { "#/responder_agent_id", "MSG001", Broadcast with { ResponderAgentId = "a" } },
    };

    private static SubmitTask Large => Broadcast with
    {
        Parameters = JsonSerializer.SerializeToElement(new string('x', 200_000)),
        Agents = [.. Enumerable.Range(0, 50).Select(n => $"a{n}")],
    };

    [Theory, MemberData(nameof(Violations))]
    public void Every_broken_rule_is_named_with_its_field(string pointer, string code, SubmitTask task)
    {
        var error = Assert.Single(TaskRules.Check(task, Now));

        Assert.Equal((pointer, code), (error.Pointer, error.Code));
        Assert.NotEmpty(error.Detail);
    }

    [Fact]
    public void What_is_left_out_has_a_meaning()
    {
        SubmitTask[] good =
        [
            Broadcast, Race, Broadcast with { Agents = ["a"] }, Broadcast with { Completion = GroupCompletion.Any },
            Broadcast with { Quorum = 2 }, Race with { Competitors = 16 }, Race with { Agents = ["a", "b"] },
        ];

        Assert.All(good, task => Assert.Empty(TaskRules.Check(task, Now)));
        Assert.Equal(
            "All Any All Any Quorum Any Any", string.Join(' ', good.Select(GroupRules.Completion)));
        Assert.Equal([5, 1, 5, 1, 2, 1, 1], good.Select(task => GroupRules.Needed(task, 5)));
        Assert.Equal([101, 2, 101, 101, 101, 16, 2], good.Select(GroupRules.Most));
    }

    [Fact]
    public void News_of_members_are_put_where_they_belong()
    {
        static MemberState Member(string id, TaskState state) => new() { AgentId = "of-" + id, TaskId = id, State = state };
        var group = GroupState.Of(Broadcast)!.With([Member("a", TaskState.Submitted), Member("b", TaskState.Submitted)], 2);

        group = group.With([Member("b", TaskState.Running)], null);

        Assert.Equal((GroupCompletion.All, 2), (group.Completion, group.Needed));
        Assert.Equal([("a", TaskState.Submitted), ("b", TaskState.Running)], group.Members.Select(member => (member.TaskId, member.State)));
        Assert.Null(GroupState.Of(Broadcast with { Mode = TaskMode.Direct }));
    }
}

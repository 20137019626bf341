using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.Tests;

/// <summary>Requirements 79 and 82: the members of a group in the public truth.</summary>
public abstract partial class StateStoreSuite
{
    [Fact]
    public async Task A_group_shows_its_members_as_the_steps_tell_of_them()
    {
        static MemberState Member(string id, TaskState state) => new() { AgentId = "on-" + id, TaskId = id, State = state };
        var life = new Life("g").SubmitToSeveral(quorum: 2).Queue();
        await Tell(life);
        Assert.Equal((GroupCompletion.Quorum, null, 0),
            ((await Found("g")).Group!.Completion, (await Found("g")).Group!.Needed, (await Found("g")).Group!.Members.Count));

        await Tell(life.Run().Hear(2, Member("a", TaskState.Submitted), Member("b", TaskState.Submitted))
            .Hear(null, Member("b", TaskState.Completed)).Move(TaskState.Running));

        var group = (await Found("g")).Group!;
        Assert.Equal(2, group.Needed);
        Assert.Equal([("a", TaskState.Submitted), ("b", TaskState.Completed)], group.Members.Select(member => (member.TaskId, member.State)));
    }
}

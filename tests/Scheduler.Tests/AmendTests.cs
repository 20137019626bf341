using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>Two that read the same version and change it: one of them is told.</summary>
public sealed class AmendTests(RunningScheduler scheduler) : IClassFixture<RunningScheduler>
{
    [Fact]
    public async Task Of_two_changes_on_one_step_the_first_is_made_and_the_second_refused()
    {
        _ = await scheduler.Hear(new SubmitTask { TaskId = "amend", TaskType = "data.analysis" });
        var step = (await scheduler.Find("amend"))!.Sequence;

        var first = await scheduler.Hear(Amend("a", 3, step));
        var second = await scheduler.Hear(Amend("b", 4, step));
        var later = await scheduler.Hear(Amend("c", 4, (await scheduler.Find("amend"))!.Sequence));

        Assert.Equal("a", Assert.Single(first.OfType<ControlAcknowledged>()).CommandId);
        Assert.Equal(("b", "PRECONDITION_FAILED"), second.OfType<ControlRejected>().Select(no => (no.CommandId, no.Reason)).Single());
        Assert.Equal("c", Assert.Single(later.OfType<ControlAcknowledged>()).CommandId);
    }

    private static AmendTask Amend(string command, int priority, long step) =>
        new() { TaskId = "amend", CommandId = command, Amendment = new TaskAmendment { Priority = priority }, IfSequence = step };
}

using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>Two that read the same version and change it: one of them is told.</summary>
[Trait("Requirement", "34")]
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

    [Fact]
    public async Task Every_command_that_was_meant_for_an_earlier_step_is_refused_and_changes_nothing()
    {
        const string task = "conditional";
        _ = await scheduler.Hear(new SubmitTask { TaskId = task, TaskType = "data.analysis" });
        var step = (await scheduler.Find(task))!.Sequence;
        _ = await scheduler.Hear(new HoldTask { TaskId = task, CommandId = "first", IfSequence = step });
        var held = (await scheduler.Find(task))!;
        object[] late =
        [
            new CancelTask { TaskId = task, CommandId = "l1", IfSequence = step }, new PauseTask { TaskId = task, CommandId = "l2", IfSequence = step },
            new ReleaseTask { TaskId = task, CommandId = "l3", IfSequence = step }, new HoldTask { TaskId = task, CommandId = "l4", IfSequence = step },
        ];
        foreach (var command in late)
        {
            Assert.Equal("PRECONDITION_FAILED", Assert.Single((await scheduler.Hear(command)).OfType<ControlRejected>()).Reason);
        }

        var left = (await scheduler.Find(task))!;
        Assert.Equal((held.State, held.Sequence, true), (left.State, left.Sequence, left.Sequence > step));
        var timely = new ReleaseTask { TaskId = task, CommandId = "timely", IfSequence = left.Sequence };
        Assert.Single((await scheduler.Hear(timely)).OfType<ControlAcknowledged>());
    }

    private static AmendTask Amend(string command, int priority, long step) =>
        new() { TaskId = "amend", CommandId = command, Amendment = new TaskAmendment { Priority = priority }, IfSequence = step };
}

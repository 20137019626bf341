using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Workflows;

namespace A2A.Micro.Gateway.Tests;

/// <summary>What the stages say about the whole.</summary>
public sealed class WorkflowRulesTests
{
    private static readonly TaskState[] All = [.. Enum.GetValues<TaskState>().Where(state => state != TaskState.Unknown)];

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void However_the_stages_stand_the_whole_is_completed_exactly_when_all_are_and_ended_only_by_a_stage(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            TaskDocument[] stages = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Stage(
                random.Next(2) == 0 ? TaskState.Completed : All[random.Next(All.Length)], random.NextDouble()))];
            var whole = WorkflowRules.StateOf(stages);
            Assert.Equal(stages.All(stage => stage.State == TaskState.Completed), whole == TaskState.Completed);
            Assert.InRange(WorkflowRules.ProgressOf(stages), 0, 1);
            Assert.Equal(whole == TaskState.Completed, WorkflowRules.Current(stages) is null);
            // It cannot have ended while everything that is left may still come to something.
            if (whole.IsTerminal()) { Assert.Contains(stages, stage => stage.State == whole); }
            else { Assert.Null(WorkflowRules.EndedAt(stages)); }
        }
    }

    [Theory]
    [InlineData(TaskState.Queued, TaskState.Blocked, TaskState.Queued)]
    [InlineData(TaskState.Completed, TaskState.Queued, TaskState.Running)]
    [InlineData(TaskState.Completed, TaskState.Paused, TaskState.Paused)]
    [InlineData(TaskState.Completed, TaskState.Rejected, TaskState.Rejected)]
    [InlineData(TaskState.Failed, TaskState.Blocked, TaskState.Failed)]
    [InlineData(TaskState.Running, TaskState.Cancelled, TaskState.Running)]
    public void The_first_stage_that_has_not_completed_decides(TaskState first, TaskState second, TaskState whole) =>
        Assert.Equal(whole, WorkflowRules.StateOf([Stage(first), Stage(second)]));

    [Theory]
    [InlineData("etl", "etl~2")]
    [InlineData("etl~2", "etl~3")]
    [InlineData("etl~9", "etl~10")]
    [InlineData("etl~1", "etl~1~2")]
    [InlineData("~7", "~7~2")]
    [InlineData("a~b", "a~b~2")]
    public void The_id_of_what_goes_on_is_made_from_the_one_before(string id, string next) => Assert.Equal(next, WorkflowRules.NextId(id));

    [Fact]
    public void The_tasks_of_the_longest_id_have_ids_after_many_resumes()
    {
        var id = new string('x', WorkflowRules.IdLengthMax);
        Assert.True(WorkflowRules.IsWorkflowId(id));
        for (var i = 0; i < 1000; i++) { id = WorkflowRules.NextId(id); }
        Assert.True(TaskRules.IsTaskId(WorkflowRules.TaskIdOf(id, WorkflowRules.StagesMax - 1)));
        Assert.False(WorkflowRules.IsWorkflowId(id));
    }

    private static TaskDocument Stage(TaskState state, double progress = 0) => new()
    {
        TaskId = "t", TaskType = "t", State = state, Version = 1, Sequence = 1, Priority = 2, CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch, Attempt = 1, Progress = progress,
        EndedAt = state.IsTerminal() ? DateTimeOffset.UnixEpoch : null,
    };
}

using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Reconciliation;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Room that belongs to nobody.</summary>
public sealed class StrayTests
{
    [Theory]
    [InlineData(TaskState.Running, 2, null)]
    [InlineData(TaskState.Queued, 1, null)]
    [InlineData(TaskState.Paused, 2, null)]
    [InlineData(TaskState.Running, 3, "ATTEMPT_OVER")]
    [InlineData(TaskState.Queued, 3, "ATTEMPT_OVER")]
    [InlineData(TaskState.Completed, 2, "TASK_ENDED")]
    [InlineData(TaskState.Cancelled, 1, "TASK_ENDED")]
    [InlineData(TaskState.Expired, 0, "TASK_ENDED")]
    public void Room_belongs_to_nobody_when_its_task_has_ended_or_has_a_newer_attempt(TaskState state, int attempt, string? reason) =>
        Assert.Equal(reason, StrayRules.Reason(Claims.Key("t", 2), new TaskAttempt { TaskId = "t", State = state, Attempt = attempt }));

    [Fact]
    public void A_task_that_is_not_known_keeps_its_room() => Assert.Null(StrayRules.Reason(Claims.Key("t"), null));

    [Fact]
    public void Only_what_is_found_twice_is_taken_back()
    {
        var found = new Dictionary<Ledger.AttemptKey, string> { [Claims.Key("1")] = "TASK_ENDED", [Claims.Key("2")] = "TASK_ENDED" };

        Assert.Equal(["2"], StrayRules.Proven(found, new HashSet<Ledger.AttemptKey> { Claims.Key("2"), Claims.Key("3") }).Keys.Select(key => key.TaskId));
    }
}

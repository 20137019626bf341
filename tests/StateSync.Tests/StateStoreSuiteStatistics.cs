using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.Tests;

/// <summary>What history says about a type (requirements 97).</summary>
public abstract partial class StateStoreSuite
{
    [Fact]
    public async Task A_type_without_history_has_no_figures()
    {
        await Tell(new Life("h-open").Submit("history.open").Queue().Offer("agent-1").Run());

        Assert.Equal(
            new TaskTypeStatistics { TaskType = "history.open", Count = 0, Completed = 0, Cancelled = 0 },
            await Statistics.Of("history.open", default));
    }

    [Fact]
    public async Task The_figures_of_a_type_are_those_of_its_ended_tasks()
    {
        // Steps are a second apart: submitted at 1, running at 4, ended at 5.
        for (var i = 0; i < 3; i++) { await Tell(Work($"h-{i}", "history.type").Complete()); }
        await Tell(Work("h-slow", "history.type").Move(TaskState.Running, TaskPhase.Cancelling).Move(TaskState.Running).Complete());
        await Tell(Work("h-failed", "history.type").Fail("HANDLER_FAILED"));
        await Tell(Work("h-cancelled", "history.type").Fail("CANCELLED", TaskState.Cancelled));
        await Tell(Work("h-other", "history.type.other").Complete());

        var figures = await Statistics.Of("history.type", default);

        Assert.Equal((6, 4, 1, 0.8), (figures.Count, figures.Completed, figures.Cancelled, figures.SuccessRate));
        Assert.Equal(new DurationFigures { P05 = 1, P50 = 1, P95 = 3, P99 = 3 }, figures.ExecutionS);
        Assert.Equal(new DurationFigures { P05 = 5, P50 = 5, P95 = 7, P99 = 7 }, figures.TotalS);
    }

    private static Life Work(string id, string type) => new Life(id).Submit(type).Queue().Offer("agent-1").Run();
}

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

    [Fact]
    public async Task All_tasks_in_figures()
    {
        await Tell(Work("s-done", "stats.a").Complete());
        await Tell(Work("s-failed", "stats.a").Fail("HANDLER_FAILED"));
        await Tell(Work("s-running", "stats.a"));
        await Tell(new Life("s-waiting").Submit("stats.b").Queue());
        await Tell(new Life("s-new").Submit("stats.b"));
        Clock.Advance(TimeSpan.FromSeconds(30));

        var figures = await Totals.Read(default);

        Assert.Equal((1, 1, 1, 2), (figures.Open["running"], figures.Open["queued"], figures.Open["submitted"], figures.Waiting));
        Assert.Equal([60, 600], figures.Ended.Select(window => window.Seconds));
        Assert.All(figures.Ended, window => Assert.Equal((1, 1, 0), (window.Count["completed"], window.Count["failed"], window.Count["expired"])));
        Assert.Equal(0.033, figures.Ended[0].PerSecond);
        Assert.Equal((2, 4.0, 1.0, 5.0), (figures.Sampled, figures.Stages.WaitingS!.P50, figures.Stages.ExecutionS!.P50, figures.Stages.TotalS!.P50));
        Assert.Equal([("stats.b", 2, 0, 0, null), ("stats.a", 0, 1, 2, 0.5)],
            figures.Types.Select(type => (type.Name, (int)type.Waiting, (int)type.Running, type.Ended, type.SuccessRate)));
        Assert.Equal([("agent-1", 1, 1, 1)], figures.Agents.Select(agent => (agent.Name, (int)agent.Running, agent.Completed, agent.Failed)));
    }

    [Fact]
    public async Task Open_tasks_are_counted_by_tenant()
    {
        await Tell(Work("acme@o-1", "open.a"));
        await Tell(new Life("acme@o-2").Submit("open.a"));
        await Tell(Work("acme@o-3", "open.a").Complete());
        await Tell(Work("beta@o-1", "open.a").Complete());
        await Tell(new Life("o-1").Submit("open.a").Queue());

        var open = await Totals.OpenByTenant(default);

        Assert.Equal((2, 1, false), (open["acme"], open["default"], open.ContainsKey("beta")));
    }

    private static Life Work(string id, string type) => new Life(id).Submit(type).Queue().Offer("agent-1").Run();
}

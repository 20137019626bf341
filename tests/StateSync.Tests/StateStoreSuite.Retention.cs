using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.Tests;

/// <summary>How long ended tasks can be read.</summary>
public abstract partial class StateStoreSuite
{
    [Fact]
    public async Task Tasks_that_ended_long_ago_are_dropped_with_their_history_and_the_others_stay()
    {
        await Tell(Life.Running("done").Complete());
        await Tell(Life.Running("open"));
        var end = (await Found("done")).EndedAt!.Value;

        Assert.Equal(0, await Store.DropEnded(end, end.AddDays(1), 10, default));
        Assert.Equal(1, await Store.DropEnded(end.AddSeconds(1), end, 10, default));

        Assert.Null(await Queries.Find("done", default));
        Assert.Empty(await Queries.History("done", 0, 10, default));
        Assert.Equal(TaskState.Running, (await Found("open")).State);
    }
}

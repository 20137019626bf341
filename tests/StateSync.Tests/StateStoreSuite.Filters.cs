using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.Tests;

/// <summary>What lists can be narrowed by.</summary>
[Trait("Requirement", "2")]
[Trait("Requirement", "11")]
[Trait("Requirement", "34")]
[Trait("Requirement", "35")]
[Trait("Requirement", "75")]
[Trait("Requirement", "87")]
[Trait("Requirement", "97")]
[Trait("Requirement", "99")]
public abstract partial class StateStoreSuite
{
    [Fact]
    public async Task A_list_is_narrowed_by_agent_types_priority_and_metadata()
    {
        await Tell(new Life("n1").Submit("a", metadata: """{"batch_id":"b-7","n":1.50,"deep":{"x":1},"on":true}""").Queue().Offer("agent-1"));
        await Tell(new Life("n2").Submit("b", metadata: """{"batch_id":"b-7","batch_id2":"x"}""").Queue().Offer("agent-2").Run().Complete());
        await Tell(new Life("n3").Submit("c", metadata: """{"batch_id":"b-8","zero":"\u0000"}"""));

        Assert.Equal(["n1", "n3"], await Listed(new TaskFilter { TaskTypes = ["a", "c", "d"] }));
        Assert.Equal(["n2"], await Listed(new TaskFilter { AgentId = "agent-2" }));
        Assert.Equal(["n1", "n2", "n3"], await Listed(new TaskFilter { Priority = 3 }));
        Assert.Empty(await Listed(new TaskFilter { Priority = 2 }));
        Assert.Equal(["n1", "n2"], await Listed(new TaskFilter { Labels = ["batch_id=b-7"] }));
        Assert.Equal(["n1"], await Listed(new TaskFilter { Labels = ["batch_id=b-7", "n=1.50", "on=true"] }));
        Assert.Empty(await Listed(new TaskFilter { Labels = ["batch_id=b-7", "n=1.5"] }));
        Assert.Empty(await Listed(new TaskFilter { Labels = ["deep=1"] }));
    }

    [Fact]
    public async Task Metadata_that_was_replaced_is_no_longer_found()
    {
        await Tell(new Life("amended").Submit("a", metadata: """{"batch_id":"old"}""").Queue()
            .Amend(new TaskAmendment { Metadata = Life.Json("""{"batch_id":"new"}""") }).Offer("agent-1"));

        Assert.Empty(await Listed(new TaskFilter { Labels = ["batch_id=old"] }));
        Assert.Equal(["amended"], await Listed(new TaskFilter { Labels = ["batch_id=new"] }));
    }

    [Fact]
    public async Task A_list_is_narrowed_by_the_times_of_submission_and_of_the_last_change()
    {
        await Tell(new Life("early").Submit());
        Clock.Advance(TimeSpan.FromHours(1));
        var between = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromHours(1));
        await Tell(new Life("late").Submit());

        Assert.Equal(["late"], await Listed(new TaskFilter { UpdatedAfter = between }));
        Assert.Equal(["early"], await Listed(new TaskFilter { UpdatedBefore = between }));
        Assert.Equal(["early", "late"], await Listed(new TaskFilter { CreatedAfter = Life.Noon, CreatedBefore = Life.Noon.AddSeconds(1) }));
        Assert.Empty(await Listed(new TaskFilter { CreatedBefore = Life.Noon }));
        Assert.Empty(await Listed(new TaskFilter { CreatedAfter = Life.Noon.AddSeconds(1) }));
    }
}

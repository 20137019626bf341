using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>What comes over the bus is held to the same names as what comes over HTTP (R10, requirements 71, 95).</summary>
[Trait("Requirement", "71")]
[Trait("Requirement", "95")]
public sealed class ReservedNameTests(RunningScheduler scheduler) : IClassFixture<RunningScheduler>
{
    [Theory]
    [InlineData("""{"a2a.priority":9}""")]
    [InlineData("""{"a2a.":1}""")]
    [InlineData("""["no object"]""")]
    public async Task Metadata_that_are_not_the_submitters_to_write_are_refused(string metadata)
    {
        var id = $"meta-{metadata.Length}";
        _ = await scheduler.Hear(new SubmitTask { TaskId = id, TaskType = "a.b", Metadata = JsonElement.Parse(metadata) });

        var saga = await scheduler.Find(id);

        Assert.Equal(("rejected", "MSG001"), (saga!.State, saga.Error!.Code));
        Assert.StartsWith("#/metadata: ", Assert.Single(saga.Error.Details!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_type_of_the_systems_range_is_refused()
    {
        _ = await scheduler.Hear(new SubmitTask { TaskId = "typed", TaskType = "a2a.internal" });

        Assert.StartsWith("#/task_type: ", Assert.Single((await scheduler.Find("typed"))!.Error!.Details!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_handed_a_task_in_stays_when_its_metadata_are_replaced_and_cannot_be_forged_so()
    {
        _ = await scheduler.Hear(new SubmitTask { TaskId = "mine", TaskType = "a.b", Metadata = JsonElement.Parse("""{"a2a.subject":"ada","x":1}""") });

        var forged = await scheduler.Hear(Amend("forge", """{"a2a.subject":"eve"}"""));
        _ = await scheduler.Hear(Amend("good", """{"y":2}"""));

        Assert.Equal(("MSG001", "forge"), forged.OfType<ControlRejected>().Select(no => (no.Reason, no.CommandId)).Single());
        Assert.Equal("""{"y":2,"a2a.subject":"ada"}""", (await scheduler.Find("mine"))!.Asked.Metadata!.Value.GetRawText());
    }

    [Fact]
    public async Task A_task_does_not_say_that_it_is_of_another_tenant()
    {
        _ = await scheduler.Hear(new SubmitTask { TaskId = "acme@t", TaskType = "a.b", Metadata = JsonElement.Parse("""{"a2a.tenant":"other"}""") });
        _ = await scheduler.Hear(new SubmitTask { TaskId = "acme@u", TaskType = "a.b", Metadata = JsonElement.Parse("""{"a2a.tenant":"acme"}""") });

        Assert.Equal(("SECURITY_ERROR", "queued"), ((await scheduler.Find("acme@t"))!.Error!.Code, (await scheduler.Find("acme@u"))!.State));
    }

    private static AmendTask Amend(string command, string metadata) =>
        new() { TaskId = "mine", CommandId = command, Amendment = new TaskAmendment { Metadata = JsonElement.Parse(metadata) } };
}

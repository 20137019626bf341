namespace A2A.Micro.System.Tests;

/// <summary>Two instances of every service on one broker and one database; one of them dies under load.</summary>
public sealed class TwinTests
{
    // The Gateway that the load talks to asks the first StateSync; both halves of a pair do the same work.
    private static readonly string[] Victims = ["Scheduler", "ResourceManager-2", "StateSync-2", "Gateway-2", "Scheduler-2", "ResourceManager"];

    [Fact]
    public async Task Whichever_of_two_instances_is_killed_every_accepted_task_completes_once()
    {
        await using var system = await RunningSystem.Start(new SystemPlan
        {
            Agents = [new("DataAnalysis", "analyst-a"), new("DataAnalysis", "analyst-b")],
            HasTwins = true,
        });
        await using var load = new SteadyLoad(system, TimeSpan.FromMilliseconds(40));
        load.Begin();
        foreach (var victim in Victims)
        {
            load.HandIn(15);
            await load.MoreAccepted(10);
            await system.Kill(victim);
            load.HandIn(15);
            await load.MoreAccepted(10); // its twin goes on alone
            await system.StartAgain(victim);
        }

        await load.Finish();
        Assert.Empty(load.Forgotten);
        await system.EveryTaskCompletedOnce(load.Accepted);
    }
}

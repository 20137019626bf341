namespace A2A.Micro.System.Tests;

/// <summary>SIGKILL to each part of the system in turn while work comes in and is done.</summary>
[Trait("Requirement", "1")]
[Trait("Requirement", "3")]
[Trait("Requirement", "56")]
public sealed class KilledServicesTests(Studio studio) : StudioTests(studio)
{
    private const int TasksPerFault = 100;

    private static readonly string[] Victims = ["Gateway", "Scheduler", "ResourceManager", "StateSync", "analyst-a"];

    [Fact]
    public async Task Whichever_part_is_killed_every_accepted_task_completes_once()
    {
        await using var watcher = new EventWatcher(System.Http, "/v1/events?snapshot=0");
        await using var load = new SteadyLoad(System, TimeSpan.FromMilliseconds(70));
        load.Begin();
        foreach (var victim in Victims)
        {
            load.HandIn(TasksPerFault / 2);
            await load.MoreAccepted(25);
            await System.Kill(victim);
            load.HandIn(TasksPerFault / 2);
            await load.MoreTried(15);
            await System.StartAgain(victim);
        }

        await load.Finish();
        Assert.Equal(TasksPerFault * Victims.Length, load.Accepted.Count);
        Assert.Empty(load.Forgotten);
        await System.EveryTaskCompletedOnce(load.Accepted);
        await SawThemAll(watcher, load.Accepted);
    }

    // Whatever was killed, the Gateway that the stream hung on or what it reads from: who comes back has seen every task to its end, never backwards.
    private async Task SawThemAll(EventWatcher watcher, IEnumerable<string> tasks)
    {
        foreach (var taskId in tasks)
        {
            var version = (await System.Get("/v1/tasks/" + taskId)).GetProperty("version").GetInt64();
            await Eventually.True(() => watcher.Last(taskId) >= version, $"version {version} of {taskId} is seen", () => $"{watcher.Last(taskId)}");
        }

        Assert.Empty(watcher.Disordered);
    }
}

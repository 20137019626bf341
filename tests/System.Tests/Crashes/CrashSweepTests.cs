using A2A.Micro.Security.Audit;
using Xunit.Abstractions;

namespace A2A.Micro.System.Tests.Crashes;

/// <summary>
/// SIGKILL at every step of every unit of work. Each life of the service ends at a place of its own; what one life left undone the next one
/// finds, so that a crash also meets the work of recovering from the crash before.
/// </summary>
[Trait("Requirement", "56")]
[Trait("Requirement", "3")]
[Trait("Requirement", "62")]
public sealed class CrashSweepTests(ITestOutputHelper output)
{
    /// <summary><c>all</c>: every place with every message, as <c>make crash-sweep</c> does.</summary>
    public const string Variable = "A2A_CRASH_SWEEP";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static bool IsWhole => Environment.GetEnvironmentVariable(Variable) == "all";

    [Fact]
    public async Task Wherever_a_service_is_killed_nothing_is_lost_and_nothing_done_twice()
    {
        await using var system = await RunningSystem.Start(new SystemPlan
        {
            Agents = [],
            IsSecured = true,
            Settings = new Dictionary<string, string>
            {
                // What a crash left in an outbox is taken over as soon as its claim has run out.
                ["A2A__Outbox__ClaimFor"] = "00:00:01",
                ["A2A__Outbox__PollInterval"] = "00:00:00.200",
                // A slow machine is no dead or deaf agent: nothing here may be rescued by a timeout.
                ["A2A__ResourceManager__Lease"] = "00:01:00",
                ["A2A__Scheduler__OfferTimeout"] = "00:01:00",
                ["A2A__Scheduler__ControlTimeout"] = "00:01:00",
                ["A2A__Scheduler__CancelGrace"] = "00:01:00",
                ["A2A__Scheduler__PauseGrace"] = "00:02:00",
                ["A2A__Gateway__AuditSweepInterval"] = "00:00:02",
            },
        });
        // Fewer slots than tasks of a burst: some of them wait in line.
        await using var agent = await CountingAgent.Start(system, slots: 8);
        using var plays = new Plays(system);
        foreach (var service in CrashPlan.Services)
        {
            await Chain(system, plays, service);
            await system.EveryTaskEndedOnce(plays.Expected);
            Assert.Empty(agent.Repeated);
        }

        await EveryCallerIsInTheAudit(system);
        // A crash of ours is nobody's failure: it costs no attempt.
        Assert.All(plays.Expected.Where(one => one.Key.StartsWith("plain", StringComparison.Ordinal)), one => Assert.Equal(1, agent.Attempts(one.Key)));
    }

    // Also of those whose Gateway was killed between the commit of their task and the row that says who handed it in.
    private static async Task EveryCallerIsInTheAudit(RunningSystem system)
    {
        await Eventually.Seen(
            cancel => system.Database.Read<long>("""
                SELECT count(*) FROM gateway.submission s
                WHERE NOT EXISTS (SELECT FROM security.audit a WHERE a.trace = split_part(s.trace_parent, '-', 2))
                """, cancel),
            missing => missing == 0, "every submission is sealed", within: Patience);
        Assert.True(await system.Database.Read<long>("SELECT count(*) FROM security.audit WHERE reason LIKE 'sealed later%'") > 0);
        var rows = await new PostgresAuditStore(system.Database.Source).Read(null, 0, int.MaxValue, CancellationToken.None);
        var check = new AuditCheck([]);
        Assert.All(rows, row => Assert.True(check.Take(row), check.Flaw?.What));
    }

    private async Task Chain(RunningSystem system, Plays plays, string service)
    {
        var scenes = new List<Task>();
        foreach (var crash in CrashPlan.Of(service, IsWhole)) { scenes.Add(await Run(system, plays, crash)); }
        await system.StartAgain(service);
        await Task.WhenAll(scenes).WaitAsync(TimeSpan.FromSeconds(180), TimeProvider.System);
    }

    private async Task<Task> Run(RunningSystem system, Plays plays, Crash crash)
    {
        var began = TimeProvider.System.GetTimestamp();
        await system.StartMined(crash.Service, crash.Mines);
        var scene = plays.Play(crash.Scene, $"{crash.Scene}-{crash.Service}-{crash.Failpoint}".Replace(':', '-'));
        await Eventually.True(
            () => scene.IsFaulted ? throw new EventuallyException($"{crash}: the scene broke off", scene.Exception) : system[crash.Service].HasExited,
            $"{crash} is reached", system.Tails, Patience);
        // 128 + SIGKILL: it came to the place, and did not end for another reason.
        Assert.True(system[crash.Service].ExitCode == 137, $"{crash}: exit code {system[crash.Service].ExitCode}{system.Tails()}");
        output.WriteLine($"{crash}: {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
        return scene;
    }
}

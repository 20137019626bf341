namespace A2A.Micro.Bench.Systems;

/// <summary>
/// The four modules in one process, in memory: Standalone with the agent of this benchmark in the place of the sample agents, because
/// an agent cannot join a process from outside.
/// </summary>
public static class StandaloneSystem
{
    /// <summary>What the report calls it.</summary>
    public const string Name = "standalone";

    /// <summary>Starts it.</summary>
    public static SystemUnderTest Start()
    {
        var process = ChildProcess.Start(
            Name, SystemUnderTest.Assembly("Bench"), SystemUnderTest.FreePort(), new Dictionary<string, string>(), "embedded");
        return new SystemUnderTest(Name, process.Address, [process]);
    }
}

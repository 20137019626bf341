using System.Globalization;

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
        var port = SystemUnderTest.FreePort();
        var settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_HTTP_PORTS"] = port.ToString(CultureInfo.InvariantCulture),
            ["Logging__LogLevel__Default"] = "Warning",
        };
        var process = ChildProcess.Start(Name, SystemUnderTest.Assembly("Bench"), ["embedded"], settings);
        return new SystemUnderTest(Name, SystemUnderTest.AddressOf(port), [process]);
    }
}

using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace A2A.Micro.AgentSdk;

/// <summary>Names under which agents are traced and measured.</summary>
public static class AgentTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "A2A.Agent";

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Attempts =
        Meter.CreateCounter<long>("a2a.agent.attempts", "{attempt}", "Attempts that ended, by outcome");
    private static readonly Histogram<double> Run =
        Meter.CreateHistogram<double>("a2a.agent.run", "s", "How long handlers ran");

    internal static void Count(string outcome, string taskType, TimeSpan duration)
    {
        Attempts.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        Run.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("a2a.task.type", taskType));
    }
}

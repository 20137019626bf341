namespace A2A.Micro.Bench;

/// <summary>What the report calls the loads; lines of the same load are compared.</summary>
public static class Workloads
{
    /// <summary>One task at a time.</summary>
    public const string Single = "one at a time";

    /// <summary>One task, a hundred after it, and one after these; latencies are those of the whole.</summary>
    public const string Fan = "1, 100, 1; whole";

    /// <summary>Twenty stages; latencies are those of the whole.</summary>
    public const string Pipeline = "20 in a row; whole";

    /// <summary>Everything handed in at once.</summary>
    public const string Backlog = "backlog";

    /// <summary>So many tasks in flight, beside others that wait for an agent which is not there.</summary>
    public static string BesideWaiting(int count, int waiting) => $"{count} in flight, {waiting} waiting";

    /// <summary>So many tasks in flight.</summary>
    public static string InFlight(int count) => $"{count} in flight";
}

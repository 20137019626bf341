namespace A2A.Micro.System.Tests;

/// <summary>What a test wants to have running besides the four services.</summary>
public sealed record SystemPlan
{
    /// <summary>The agents.</summary>
    public required IReadOnlyList<PlannedAgent> Agents { get; init; }

    /// <summary>How long a silent agent is believed in; the agents stop two seconds earlier.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Environment variables of every process, on top of what the system needs.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether callers and services are asked who they are; <see cref="RunningSystem.Http"/> has a key with all rights then.</summary>
    public bool IsSecured { get; init; }

    /// <summary>Whether every service runs twice; the second is called <c>Scheduler-2</c> and so on.</summary>
    public bool HasTwins { get; init; }

    /// <summary>Whether the way to the broker leads through <see cref="RunningSystem.WayToBroker"/>.</summary>
    public bool CanLoseBroker { get; init; }
}

/// <summary>An agent as a process of its own.</summary>
/// <param name="Project">The project below <c>agents/</c>.</param>
/// <param name="Id">Its id; also the name of the process within the system.</param>
public sealed record PlannedAgent(string Project, string Id);

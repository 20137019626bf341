using A2A.Micro.AgentSdk;

namespace A2A.Micro.Bench;

/// <summary>An agent whose work costs nothing, so that what is measured is the system around it.</summary>
public static class NoopAgent
{
    /// <summary>The type that it handles.</summary>
    public const string TaskType = "bench.noop";

    /// <summary>The only agent of a run.</summary>
    public const string AgentId = "bench-noop";

    /// <summary>Tasks that it holds at once; more than a run has in flight, so that nothing waits for room.</summary>
    public const int Slots = 1024;

    /// <summary>The agent as a module.</summary>
    public static AgentModule Module() => new(
        AgentId,
        agent => agent
            .Slots(Slots)
            .Capacity(cpuCores: Slots, memoryGb: Slots)
            .Handle<NoopParameters, NoopReport>(
                TaskType, (job, _) => Task.FromResult(new NoopReport { Length = job.Payload.Length })));
}

/// <summary>Parameters of <see cref="NoopAgent.TaskType"/>.</summary>
public sealed record NoopParameters
{
    /// <summary>Ballast.</summary>
    public required string Payload { get; init; }
}

/// <summary>Result of <see cref="NoopAgent.TaskType"/>.</summary>
public sealed record NoopReport
{
    /// <summary>Characters of the payload: the sign that it arrived.</summary>
    public required int Length { get; init; }
}

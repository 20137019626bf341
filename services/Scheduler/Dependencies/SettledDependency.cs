using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Dependencies;

/// <summary>A dependency of which a task knows how it ended; what it does not know yet is not in its list.</summary>
public sealed record SettledDependency
{
    /// <summary>The task that was waited for.</summary>
    public required string TaskId { get; init; }

    /// <summary>What it means for the one that waits.</summary>
    public required DependencyOutcome Outcome { get; init; }

    /// <summary>The state that decided it; null: no such task appeared in time.</summary>
    public TaskState? State { get; init; }

    /// <summary>Why the condition cannot hold.</summary>
    public string? Detail { get; init; }

    /// <summary>What it hands over: pointer into the parameters to value. Dropped once it is in them.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Values { get; init; }

    /// <summary>As readers see it.</summary>
    public DependencyState View(Dependency dependency) =>
        DependencyState.Of(dependency) with { Outcome = Outcome, State = State, Detail = Detail };
}

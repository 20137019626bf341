namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// The classes of the task guide: the first segment of a type's name says how heavy the work is, and gives it defaults (requirements
/// 85). They are the weakest source but one: the task, the operator and the agent win.
/// </summary>
public static class ComplexityClass
{
    /// <summary>The defaults of every class, by its word.</summary>
    public static IReadOnlyDictionary<string, TaskTypeProfile> Profiles { get; } = new Dictionary<string, TaskTypeProfile>
    {
        ["simple"] = new() { Priority = 2, TimeoutS = 5 * 60, Requirements = new() { CpuCores = 0.25, MemoryGb = 0.25 } },
        ["standard"] = new() { Priority = 2, TimeoutS = 30 * 60, Requirements = new() { CpuCores = 0.5, MemoryGb = 0.5 } },
        ["complex"] = new() { Priority = 2, TimeoutS = 4 * 3600, Requirements = new() { CpuCores = 1, MemoryGb = 1 } },
        ["background"] = new() { Priority = 1, TimeoutS = 24 * 3600, Requirements = new() { CpuCores = 0.25, MemoryGb = 0.25 } },
    };

    /// <summary>The defaults of a type such as <c>simple.greeting</c>; null when its name has no class.</summary>
    public static TaskTypeProfile? Of(string taskType)
    {
        var dot = taskType.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 ? Profiles.GetValueOrDefault(taskType[..dot]) : null;
    }
}

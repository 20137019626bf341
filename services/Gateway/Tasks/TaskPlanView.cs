using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>What would become of a task if it were handed in now.</summary>
public sealed record TaskPlanView
{
    /// <summary>Always true: nothing was stored.</summary>
    public bool DryRun { get; init; } = true;

    /// <summary>What kind of work it is.</summary>
    public required string TaskType { get; init; }

    /// <summary>1..4 as it would be, with what the type says where the submission says nothing.</summary>
    public required int Priority { get; init; }

    /// <summary>The deadline as it would be.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Seconds from when it may start to the deadline, where that counts.</summary>
    public double? TimeoutS { get; init; }

    /// <summary>What it would ask for; absent: one slot.</summary>
    public Requirements? Requirements { get; init; }

    /// <summary>Whether an agent that is known could ever run it; false only when it would wait for other agents.</summary>
    public required bool Feasible { get; init; }

    /// <summary>Whether there is room for it at this moment.</summary>
    public required bool StartsNow { get; init; }

    /// <summary>Where it would start, as far as that can be told.</summary>
    public string? AgentId { get; init; }

    /// <summary>When it would start; absent when history or the fleet does not tell.</summary>
    public StartEstimate? EstimatedStart { get; init; }

    /// <summary>Why it would not start at once, the most telling first.</summary>
    public required IReadOnlyList<WaitReason> Reasons { get; init; }

    /// <summary>What stands against it on how many agents; like all that follows only when it would wait for room.</summary>
    public string? Summary { get; init; }

    /// <summary>The same as figures.</summary>
    public IReadOnlyList<AgentTally>? Tally { get; init; }

    /// <summary>Agent by agent, the nearest fit first; at most 50, and none that does other work.</summary>
    public IReadOnlyList<AgentFinding>? Agents { get; init; }

    /// <summary>Its place in the line, from 1.</summary>
    public int? Position { get; init; }

    /// <summary>How many would wait, it included.</summary>
    public int? LineLength { get; init; }

    /// <summary>The view of a plan. A task that waits for others first is shown as if they had ended.</summary>
    public static TaskPlanView Of(SubmitTask task, RoomPlan plan, DateTimeOffset now)
    {
        var before = Before(task, now).ToList();
        return new TaskPlanView
        {
            TaskType = task.TaskType,
            Priority = task.Priority,
            Deadline = task.Deadline,
            TimeoutS = task.TimeoutS,
            Requirements = task.Requirements,
            Feasible = plan.Feasible,
            StartsNow = plan.AgentId is not null && before.Count == 0,
            AgentId = plan.AgentId ?? plan.Waits?.EstimatedStart?.AgentId,
            EstimatedStart = plan.AgentId is { } agent
                ? new StartEstimate { Earliest = plan.At, Likely = plan.At, Latest = plan.At, AgentId = agent }
                : plan.Waits?.EstimatedStart,
            Reasons = [.. before, .. plan.Waits?.Reasons ?? []],
            Summary = plan.Waits?.Summary,
            Tally = plan.Waits?.Tally,
            Agents = plan.Waits?.Agents,
            Position = plan.Waits?.Position,
            LineLength = plan.Waits?.LineLength,
        };
    }

    private static IEnumerable<WaitReason> Before(SubmitTask task, DateTimeOffset now)
    {
        if (task.Dependencies.Count > 0)
        {
            yield return new WaitReason
            {
                Code = "DEPENDENCY",
                Sentence = $"It waits for {task.Dependencies.Count} other tasks first; the rest is as if they had ended.",
            };
        }

        if (task.NotBefore > now)
        {
            yield return new WaitReason { Code = "SCHEDULED_LATER", Sentence = "It does not start before not_before; the rest is as if it were time." };
        }
    }
}

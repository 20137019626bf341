using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk;

/// <summary>How a child ended.</summary>
public sealed record ChildEnd
{
    /// <summary>The child.</summary>
    public required string TaskId { get; init; }

    /// <summary>A terminal state; null: no such task appeared in time.</summary>
    public TaskState? State { get; init; }

    /// <summary>
    /// What it came to, when it completed; null also when that is over 256 KiB or nests deeper than 24: then <see cref="Detail"/> says so, and the
    /// task itself has it. Large results are files.
    /// </summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why it did not complete.</summary>
    public TaskError? Error { get; init; }

    /// <summary>Why a result is missing, for a person.</summary>
    public string? Detail { get; init; }

    internal static ChildEnd Of(DependencySettled word)
    {
        var hasResult = word.Outputs?.TryGetValue("", out _) == true;
        return new ChildEnd
        {
            TaskId = word.DependencyId,
            State = word.State,
            Result = hasResult ? word.Outputs![""] : null,
            Error = word.Error,
            Detail = word.State == TaskState.Completed && !hasResult ? word.Detail ?? "its result nests too deep to be handed over" : word.Detail,
        };
    }
}

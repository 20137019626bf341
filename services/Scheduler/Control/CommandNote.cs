using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Control;

/// <summary>What became of a command so far.</summary>
public enum CommandStatus
{
    /// <summary>It is under way: the agent was told.</summary>
    Accepted,

    /// <summary>It is done. Final.</summary>
    Applied,

    /// <summary>It changes nothing. Final.</summary>
    Rejected,
}

/// <summary>A command that a task was given, and the answer. Kept so that the same command again gets the same answer (R11).</summary>
public sealed record CommandNote
{
    /// <summary>The command's own id.</summary>
    public required string Id { get; init; }

    /// <summary>What it is: <c>pause</c>, <c>cancel</c>, ...</summary>
    public required string Name { get; init; }

    /// <summary>The answer.</summary>
    public required CommandStatus Status { get; init; }

    /// <summary>Why it was rejected, or what is worth knowing about how it was carried out.</summary>
    public string? Code { get; init; }

    /// <summary>The same for a person; of a pause that is under way, why it was asked for.</summary>
    public string? Detail { get; init; }

    /// <summary>The state that it met, where that is why it was rejected.</summary>
    public TaskState? State { get; init; }

    /// <summary>The agent has confirmed that it heard of it.</summary>
    public bool Reached { get; init; }

    /// <summary>The task that it made.</summary>
    public string? NewTaskId { get; init; }

    /// <summary>When it came.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>Why a command is not carried out.</summary>
/// <param name="Kind">The code of the answer.</param>
/// <param name="Detail">The same for a person.</param>
public sealed record Objection(ErrorKind Kind, string Detail);

using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Control;

/// <summary>What became of a command.</summary>
public sealed record CommandView
{
    /// <summary>Names the command; send it again to ask again.</summary>
    public required string CommandId { get; init; }

    /// <summary>What it is: <c>pause</c>, <c>cancel</c>, ...</summary>
    public required string Command { get; init; }

    /// <summary>
    /// <c>pending</c>: stored, nobody has answered; <c>accepted</c>: the agent was told; then exactly one of <c>applied</c> and <c>rejected</c>.
    /// </summary>
    public required CommandState Status { get; init; }

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Why it was rejected, a code of <c>GET /v1/errors</c>; or what is worth knowing, such as <c>HARD_STOP</c>.</summary>
    public string? Code { get; init; }

    /// <summary>The same for a person.</summary>
    public string? Detail { get; init; }

    /// <summary>The state of the task that stands in the way.</summary>
    public string? State { get; init; }

    /// <summary>The task that the command made.</summary>
    public string? NewTaskId { get; init; }

    /// <summary>The bulk that it belongs to.</summary>
    public string? BulkId { get; init; }

    /// <summary>When it was taken.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its status changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Where to go on.</summary>
    public required CommandLinks Links { get; init; }

    /// <summary>The view of a row.</summary>
    public static CommandView Of(CommandRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new CommandView
        {
            CommandId = row.CommandId,
            Command = row.Command,
            Status = row.Status,
            TaskId = row.TaskId,
            Code = row.IsTooEarly ? null : row.Code,
            Detail = row.IsTooEarly ? null : row.Detail,
            State = row.State,
            NewTaskId = row.NewTaskId,
            BulkId = row.BulkId,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
            Links = new CommandLinks
            {
                Self = "/v1/commands/" + row.CommandId,
                Task = "/v1/tasks/" + row.TaskId,
                NewTask = row.NewTaskId is { } made ? "/v1/tasks/" + made : null,
            },
        };
    }
}

/// <summary>Addresses of a command, relative to this server.</summary>
public sealed record CommandLinks
{
    /// <summary>What became of it.</summary>
    public required string Self { get; init; }

    /// <summary>The task.</summary>
    public required string Task { get; init; }

    /// <summary>The task that it made.</summary>
    public string? NewTask { get; init; }
}

/// <summary>Commands, the oldest first.</summary>
public sealed record CommandListView
{
    /// <summary>The commands.</summary>
    public required IReadOnlyList<CommandView> Commands { get; init; }
}

/// <summary>One command to many tasks, and what became of it so far.</summary>
public sealed record BulkView
{
    /// <summary>Names the bulk; <c>GET /v1/commands/{bulk_id}</c> shows it again.</summary>
    public required string BulkId { get; init; }

    /// <summary>What it is.</summary>
    public required string Command { get; init; }

    /// <summary>How many tasks it is for.</summary>
    public required int Matched { get; init; }

    /// <summary>More tasks match than one bulk takes: give the command again, with another id, for the rest.</summary>
    public bool More { get; init; }

    /// <summary>Nothing was done: it was only asked which tasks it would be for.</summary>
    public bool? DryRun { get; init; }

    /// <summary>How many are in each status.</summary>
    public required IReadOnlyDictionary<string, int> Counts { get; init; }

    /// <summary>The tasks.</summary>
    public required IReadOnlyList<string> TaskIds { get; init; }

    /// <summary>One command per task.</summary>
    public required IReadOnlyList<CommandView> Commands { get; init; }
}

/// <summary>Partial results, the oldest first.</summary>
public sealed record PartialListView
{
    /// <summary>The partial results.</summary>
    public required IReadOnlyList<PartialView> Partials { get; init; }

    /// <summary>Pass it as <c>after</c> for more; absent at the end.</summary>
    public long? NextAfter { get; init; }
}

/// <summary>One partial result.</summary>
public sealed record PartialView
{
    /// <summary>Version of the task that it made.</summary>
    public required long Version { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Who worked.</summary>
    public string? ExecutorAgentId { get; init; }

    /// <summary>
    /// Number within the attempt, from 1, in the order in which the agent sent them: one that was overtaken on the way has a later version than the
    /// one after it. Absent when the agent gives none.
    /// </summary>
    public int? Number { get; init; }

    /// <summary>How much of the whole, 0..1.</summary>
    public double? CompletedPortion { get; init; }

    /// <summary>What there was.</summary>
    public JsonElement? IntermediateData { get; init; }

    /// <summary>Whether another attempt can go on from it.</summary>
    public required bool CanResume { get; init; }

    /// <summary>Where another attempt goes on from.</summary>
    public string? ResumeToken { get; init; }

    /// <summary>When it was recorded.</summary>
    public required DateTimeOffset Timestamp { get; init; }
}

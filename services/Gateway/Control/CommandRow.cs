using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.Gateway.Control;

/// <summary>A control command as it is stored, with what became of it.</summary>
public sealed record CommandRow
{
    /// <summary>Names it; the same id again is the same command (R11).</summary>
    public required string CommandId { get; init; }

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>What it is: <c>pause</c>, <c>cancel</c>, ...</summary>
    public required string Command { get; init; }

    /// <summary>The command as it went out, as wire JSON; null when only its answer was seen here.</summary>
    public string? Body { get; init; }

    /// <summary>The bulk command that it belongs to.</summary>
    public string? BulkId { get; init; }

    /// <summary>What became of it.</summary>
    public CommandState Status { get; init; }

    /// <summary>Why it was rejected, or what is worth knowing.</summary>
    public string? Code { get; init; }

    /// <summary>The same for a person.</summary>
    public string? Detail { get; init; }

    /// <summary>The state that it met, where that is why it was rejected.</summary>
    public string? State { get; init; }

    /// <summary>The task that it made.</summary>
    public string? NewTaskId { get; init; }

    /// <summary>How often it was sent again because nobody answered.</summary>
    public int Tries { get; init; }

    /// <summary>When it is sent again unless it is answered; null once it is.</summary>
    public DateTimeOffset? AgainAt { get; init; }

    /// <summary>When it was taken.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its status changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Nobody has answered, except perhaps that the task is not known there yet: its submission is on its way.</summary>
    public bool IsTooEarly => Status == CommandState.Pending && Code is not null;

    /// <summary>The row under the ids that its tenant knows; its body keeps the inside ones.</summary>
    public CommandRow Outside() => TenantNames.TenantOf(CommandId) == TenantNames.Default ? this : this with
    {
        CommandId = TenantNames.Outside(CommandId),
        TaskId = TenantNames.Outside(TaskId),
        BulkId = BulkId is null ? null : TenantNames.Outside(BulkId),
        NewTaskId = NewTaskId is null ? null : TenantNames.Outside(NewTaskId),
    };
}

/// <summary>What became of a command. Only ever moves on.</summary>
public enum CommandState
{
    /// <summary>Stored and on its way; nobody has answered.</summary>
    Pending,

    /// <summary>The Scheduler has it, and its agent was told.</summary>
    Accepted,

    /// <summary>It is done. Final.</summary>
    Applied,

    /// <summary>It changes nothing. Final.</summary>
    Rejected,
}

/// <summary>A command that passed every rule and asks to be stored.</summary>
/// <param name="Row">What is stored.</param>
/// <param name="Message">What leaves with the commit; null: it is sent when <see cref="CommandRow.AgainAt"/> has come.</param>
public sealed record NewCommand(CommandRow Row, Outgoing? Message);

/// <summary>What became of a command that was handed in.</summary>
/// <param name="Row">What is stored under its id now.</param>
/// <param name="Conflicts">The id belongs to another command.</param>
/// <param name="Repeated">It was here before.</param>
public sealed record CommandReceipt(CommandRow Row, bool Conflicts = false, bool Repeated = false);

/// <summary>Rules of the record. Pure.</summary>
public static class CommandRules
{
    private static readonly TimeSpan AgainMax = TimeSpan.FromMinutes(1);

    /// <summary>How long nobody may answer before it is sent again: a second, twice as long each time, at most a minute.</summary>
    public static TimeSpan AgainAfter(int tries) =>
        TimeSpan.FromSeconds(Math.Min(AgainMax.TotalSeconds, Math.Pow(2, Math.Clamp(tries, 0, 10))));

    /// <summary>The row with an answer; the same row when it says nothing new. What is final stays.</summary>
    public static CommandRow Answered(CommandRow row, CommandRow answer, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(answer);
        return row.Status >= CommandState.Applied || answer.Status < row.Status || (answer.Status == row.Status && answer.Code == row.Code)
            ? row
            : row with
            {
                Status = answer.Status,
                Code = answer.Code,
                Detail = answer.Detail,
                State = answer.State,
                NewTaskId = answer.NewTaskId,
                AgainAt = answer.Status == CommandState.Pending ? row.AgainAt : null,
                UpdatedAt = now,
            };
    }

    /// <summary>An acknowledgement as a row.</summary>
    public static CommandRow Of(ControlAcknowledged ack, DateTimeOffset now) => new()
    {
        CommandId = ack.CommandId,
        TaskId = ack.TaskId,
        Command = ack.Command ?? "unknown",
        Status = ack.Status == "accepted" ? CommandState.Accepted : CommandState.Applied,
        Code = ack.Code,
        NewTaskId = ack.NewTaskId,
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>A rejection as a row.</summary>
    public static CommandRow Of(ControlRejected rejected, DateTimeOffset now) => new()
    {
        CommandId = rejected.CommandId,
        TaskId = rejected.TaskId,
        Command = rejected.Command ?? "unknown",
        Status = CommandState.Rejected,
        Code = rejected.Reason,
        Detail = rejected.Detail,
        State = rejected.State is { } state ? Contracts.Wire.WireWord.Word(state) : null,
        CreatedAt = now,
        UpdatedAt = now,
    };
}

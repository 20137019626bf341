using System.Text;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.Shared;

/// <summary>A value with what its store remembers of its changes.</summary>
/// <param name="State">The value.</param>
/// <param name="Recent">The updates that made the last versions, the latest one last.</param>
public sealed record SharedRow(SharedState State, IReadOnlyList<Guid> Recent);

/// <summary>Compare and set. Pure: both stores decide by it.</summary>
public static class SharedRules
{
    private const int RecentMax = 32;

    /// <summary>What is wrong with an update by itself; null when nothing is.</summary>
    public static TaskError? Check(UpdateState update)
    {
        ArgumentNullException.ThrowIfNull(update);
        return !TaskRules.IsTaskName(update.TaskId) ? Wrong(ErrorKind.Validation, "task_id: 1 to 128 characters from A-Z a-z 0-9 . _ : ~ -")
            : !TaskRules.IsAgentId(update.Name) ? Wrong(ErrorKind.Validation, "name: 1 to 64 characters from A-Z a-z 0-9 . _ -")
            : update.ExpectedVersion < 0 ? Wrong(ErrorKind.Validation, "expected_version: 0 or more")
            : update.Value is { } value && Encoding.UTF8.GetByteCount(value.GetRawText()) > SharedState.ValueBytesMax
                ? Wrong(ErrorKind.TooLarge, $"value: at most {SharedState.ValueBytesMax} bytes")
            : null;
    }

    /// <summary>The row afterwards and the answer; the same row when nothing changes.</summary>
    /// <param name="row">What there is; null: nothing.</param>
    /// <param name="names">How many names the task has.</param>
    /// <param name="update">A sound update.</param>
    /// <param name="now">When it is made.</param>
    public static (SharedRow? Row, StateUpdated Answer) Decide(SharedRow? row, int names, UpdateState update, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(update);
        var current = row?.State ?? new SharedState { TaskId = update.TaskId, Name = update.Name, Version = 0 };
        if (row is not null && row.Recent.Contains(update.UpdateId))
        {
            // The value that it made may have been followed by others; its version says so.
            var behind = row.Recent.Reverse().TakeWhile(id => id != update.UpdateId).Count();
            var made = behind == 0 ? current : current with { Version = current.Version - behind, Value = update.Value };
            return (row, new StateUpdated { Applied = true, State = made });
        }

        if (update.ExpectedVersion is { } expected && expected != current.Version) { return (row, new StateUpdated { Applied = false, State = current }); }
        if (row is null && names >= SharedState.NamesMax)
        {
            return (row, Refuse(update, Wrong(ErrorKind.TooLarge, $"a task has at most {SharedState.NamesMax} names")));
        }

        var next = current with
        {
            Version = current.Version + 1,
            Value = update.Value,
            AgentId = update.AgentId,
            UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
        };
        return (new SharedRow(next, [.. (row?.Recent ?? []).TakeLast(RecentMax - 1), update.UpdateId]), new StateUpdated { Applied = true, State = next });
    }

    /// <summary>The answer to an update that can never be made.</summary>
    public static StateUpdated Refuse(UpdateState update, TaskError error) => new()
    {
        Applied = false,
        State = new SharedState { TaskId = update.TaskId, Name = update.Name, Version = 0 },
        Error = error,
    };

    private static TaskError Wrong(ErrorKind kind, string message) => new() { Code = kind.Code, Message = message };
}

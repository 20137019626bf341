using System.Text;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

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
            : update.WorkingOn is { } work && !TaskRules.IsTaskName(work) ? Wrong(ErrorKind.Validation, "working_on: the id of a task")
            : update.ExpectedVersion < 0 ? Wrong(ErrorKind.Validation, "expected_version: 0 or more")
            : update.Value is { } value && Encoding.UTF8.GetByteCount(value.GetRawText()) > SharedState.ValueBytesMax
                ? Wrong(ErrorKind.TooLarge, $"value: at most {SharedState.ValueBytesMax} bytes")
            : null;
    }

    /// <summary>The task whose agent is to be looked up before a value is touched; null: nobody's, because no agent asks.</summary>
    public static string? Warrant(string taskId, string? agentId, string? workingOn) => agentId is null ? null : workingOn ?? taskId;

    /// <summary>
    /// What stands against an agent that would touch values of a task: only who works on a task of the same tenant may. Null: nothing. What it works on is
    /// what its last attempt was given to, so an agent that lost a task has lost its values too.
    /// </summary>
    /// <param name="taskId">The task whose values they are.</param>
    /// <param name="agentId">The agent; null: somebody else asks.</param>
    /// <param name="workingOn">The task that it says it works on; null: the same.</param>
    /// <param name="agentOfWork">Who works on that as far as is known here.</param>
    public static TaskError? Stranger(string taskId, string? agentId, string? workingOn, string? agentOfWork)
    {
        var work = Warrant(taskId, agentId, workingOn);
        return work is null || (agentOfWork == agentId && TenantNames.TenantOf(work) == TenantNames.TenantOf(taskId))
            ? null
            : Wrong(ErrorKind.Forbidden, $"{agentId} is not known to work on {work}, or that is of another tenant");
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

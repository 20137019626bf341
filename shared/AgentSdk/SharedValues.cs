using System.Text;
using A2A.Micro.AgentSdk.Attempts;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk;

/// <summary>
/// What agents share under the name of a task: small values with versions, changed by compare and set. For what several agents or attempts must agree
/// upon; what is only one's own belongs in a checkpoint. Safe from any thread.
/// </summary>
public sealed class SharedValues
{
    private const int RoundsMax = 100;

    // Whose task it is, is asked of the public state, and that may be behind an offer that has just come.
    private const int LooksMax = 12;
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(5);

    private readonly string agentId;
    private readonly string work;
    private readonly Cancellation cancellation;
    private readonly ITaskReports reports;

    internal SharedValues(string taskId, string agentId, Cancellation cancellation, ITaskReports reports)
        : this(taskId, agentId, taskId, cancellation, reports)
    {
    }

    private SharedValues(string taskId, string agentId, string work, Cancellation cancellation, ITaskReports reports) =>
        (TaskId, this.agentId, this.work, this.cancellation, this.reports) = (taskId, agentId, work, cancellation, reports);

    /// <summary>The task under whose name they stand.</summary>
    public string TaskId { get; }

    /// <summary>The same of another task of the same tenant, such as the one that this one is a part of.</summary>
    public SharedValues Of(string taskId) => TaskRules.IsTaskName(taskId)
        ? new SharedValues(taskId, agentId, work, cancellation, reports)
        : throw new ArgumentException("1 to 128 characters from A-Z a-z 0-9 . _ : ~ -", nameof(taskId));

    /// <summary>A value with its version: 0, and the default of its type, when there is none.</summary>
    /// <param name="name">Which one, 1..64 of <c>[A-Za-z0-9._-]</c>.</param>
    public async Task<SharedValue<T>> Get<T>(string name)
    {
        Check(name);
        var question = new ReadState { TaskId = TaskId, Name = name, AgentId = agentId, WorkingOn = OtherWork };
        var read = await Once(() => reports.Read(question, cancellation.Token), answer => answer.Error);
        return read.States is [var state] ? ValueOf<T>(state) : new SharedValue<T>(default, 0);
    }

    /// <summary>Sets a value if it has the version that is expected, 0 for none; false when somebody else was faster.</summary>
    /// <exception cref="ArgumentException">The name is none, or the value is over 64 KiB.</exception>
    public async Task<bool> TrySet<T>(string name, T value, long expectedVersion) => (await Update(name, value, expectedVersion)).Applied;

    /// <summary>
    /// Changes a value whoever else does the same: reads, asks <paramref name="change"/>, sets, and begins again when somebody was faster. So
    /// <paramref name="change"/> may be asked several times and must do nothing else.
    /// </summary>
    /// <param name="name">Which one, 1..64 of <c>[A-Za-z0-9._-]</c>.</param>
    /// <param name="change">The next value, made of the one that there is, or of the default of its type.</param>
    /// <returns>The value that was set, with its version.</returns>
    /// <exception cref="ArgumentException">The name is none, or the value is over 64 KiB.</exception>
    /// <exception cref="TaskFailedException">Others were faster a hundred times, or the task is one of another tenant.</exception>
    public async Task<SharedValue<T>> Sync<T>(string name, Func<T?, T> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var known = await Get<T>(name);
        for (var round = 0; round < RoundsMax; round++)
        {
            var wanted = change(known.Value);
            var answer = await Update(name, wanted, known.Version);
            if (answer.Applied) { return new SharedValue<T>(wanted, answer.State.Version); }
            known = ValueOf<T>(answer.State);
        }

        throw new TaskFailedException("STATE_CONTENDED", $"{name} of {TaskId} was changed by others {RoundsMax} times in a row", retryable: true);
    }

    private async Task<StateUpdated> Update<T>(string name, T value, long expectedVersion)
    {
        Check(name);
        if (!HandlerJson.TryWrite(value, typeof(T), out var element) || Encoding.UTF8.GetByteCount(element.GetRawText()) > SharedState.ValueBytesMax)
        {
            throw new ArgumentException("a shared value is at most 64 KiB; store what is larger and share where it is", nameof(value));
        }

        var update = new UpdateState
        {
            TaskId = TaskId,
            Name = name,
            UpdateId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
            ExpectedVersion = expectedVersion,
            Value = element,
            AgentId = agentId,
            WorkingOn = OtherWork,
        };
        var answer = await Once(() => reports.Update(update, cancellation.Token), answer => answer.Error);
        return answer.Error is { } error ? throw new ArgumentException(error.Message, nameof(name)) : answer;
    }

    private string? OtherWork => work == TaskId ? null : work;

    // Once it is known there that this agent works on its task.
    private async Task<T> Once<T>(Func<Task<T>> ask, Func<T, TaskError?> errorOf)
    {
        var wait = FirstLook;
        for (var look = 1; ; look++)
        {
            var answer = await ask();
            if (errorOf(answer) is not { Code: var code, Message: var message } || code != ErrorKind.Forbidden.Code) { return answer; }
            if (look == LooksMax) { throw new TaskFailedException(code, message, retryable: true); }
            await Task.Delay(wait, TimeProvider.System, cancellation.Token);
            wait = wait * 2 < LongestLook ? wait * 2 : LongestLook;
        }
    }

    private static SharedValue<T> ValueOf<T>(SharedState state) =>
        new(state.Value is { } value ? HandlerJson.Read<T>(value) : default, state.Version);

    private static void Check(string name)
    {
        if (!TaskRules.IsAgentId(name)) { throw new ArgumentException("a name has 1 to 64 of A-Z a-z 0-9 . _ -", nameof(name)); }
    }
}

/// <summary>A shared value at one version.</summary>
/// <param name="Value">The value; the default of its type when there is none.</param>
/// <param name="Version">Its version; 0 when there never was one.</param>
public readonly record struct SharedValue<T>(T? Value, long Version);

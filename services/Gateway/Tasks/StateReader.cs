using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Gateway.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>What is known about a task now.</summary>
/// <param name="Document">Its document; made from the submission while StateSync has not heard of the task (version 0).</param>
/// <param name="Stale">StateSync cannot be reached, so the task may be further than this says.</param>
public sealed record Reading(TaskDocument Document, bool Stale = false);

/// <summary>
/// Reads: StateSync first; a task that it does not know yet reads as submitted, because its 202 has been given (G1). Waiting is
/// driven by notifications and looks again by itself now and then, because a notification is only a hint.
/// </summary>
public sealed class StateReader(
    GroupedReads states,
    Submissions submissions,
    Watchers watchers,
    Endings endings,
    TimeProvider clock,
    IOptions<GatewayOptions> options,
    IHostApplicationLifetime lifetime)
{
    /// <summary>The task, or null when neither StateSync nor a submission knows it.</summary>
    /// <exception cref="ProtocolException">Neither can be asked, or StateSync cannot and the submission is not ours.</exception>
    public async Task<Reading?> Find(string taskId, CancellationToken cancellation)
    {
        if (!TaskRules.IsTaskId(taskId)) { return null; }
        if (endings.Completed(Tenancy.In(taskId)) is { } completed) { return new Reading(TenantStates.Out(completed)); }
        TaskDocument? document;
        try
        {
            document = await states.Find(Tenancy.In(taskId), cancellation).ConfigureAwait(false);
        }
        catch (ProtocolException e) when (e.Kind == ErrorKind.Connection)
        {
            if (await submissions.Find(taskId, cancellation).ConfigureAwait(false) is not { } known) { throw; }
            return new Reading(AsSubmitted(known), Stale: true);
        }

        if (document is not null) { return new Reading(TenantStates.Out(document)); }
        return await submissions.Find(taskId, cancellation).ConfigureAwait(false) is { } row ? new Reading(AsSubmitted(row)) : null;
    }

    /// <summary>The task once it is terminal, or as it is when the time is over or this process ends.</summary>
    public async Task<Reading?> WaitUntilTerminal(string taskId, TimeSpan wait, CancellationToken cancellation)
    {
        var inside = Tenancy.In(taskId);
        using var watcher = watchers.Watch(inside);
        return await WaitUntilTerminal(watcher, wait, endings.IsAwaited(inside), cancellation).ConfigureAwait(false);
    }

    /// <summary>The same with a watcher that has been there for a while.</summary>
    /// <param name="watcher">Of the task.</param>
    /// <param name="wait">How long.</param>
    /// <param name="isNew">It was accepted here and nothing was heard of its end: that need not be read first.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<Reading?> WaitUntilTerminal(Watcher watcher, TimeSpan wait, bool isNew, CancellationToken cancellation)
    {
        var taskId = TenantNames.Outside(watcher.TaskId);
        var until = clock.GetUtcNow() + wait;
        if (isNew) { await Rest().ConfigureAwait(false); }
        while (true)
        {
            if (watcher.Ending is { } ending) { return new Reading(TenantStates.Out(ending)); }
            var reading = await Find(taskId, cancellation).ConfigureAwait(false);
            if (reading is null || reading.Document.State.IsTerminal() || until <= clock.GetUtcNow()
                || lifetime.ApplicationStopping.IsCancellationRequested)
            {
                return reading;
            }

            await Rest().ConfigureAwait(false);
        }

        Task Rest()
        {
            var left = until - clock.GetUtcNow();
            var pause = left < options.Value.WaitReread ? left : options.Value.WaitReread;
            return watcher.WaitForEnd(pause, clock, lifetime.ApplicationStopping, cancellation);
        }
    }

    /// <summary>A submission as a document: submitted, version 0.</summary>
    public static TaskDocument AsSubmitted(SubmissionRow row)
    {
        var task = JsonSerializer.Deserialize<SubmitTask>(row.Task, WireJson.Options)!;
        return TenantStates.Out(new TaskDocument
        {
            TaskId = task.TaskId,
            TaskType = task.TaskType,
            State = TaskState.Submitted,
            Phase = TaskPhase.Validating,
            Version = 0,
            Sequence = 0,
            Priority = task.Priority,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.CreatedAt,
            Deadline = task.Deadline,
            TimeoutS = task.TimeoutS,
            NotBefore = task.NotBefore,
            Dependencies = task.Dependencies.Count > 0 ? [.. task.Dependencies.Select(DependencyState.Of)] : null,
            Attempt = 0,
            Requirements = task.Requirements,
            Placement = task.Placement(),
            Retry = task.Retry,
            Parameters = task.Parameters,
            Metadata = task.Metadata,
            RequesterAgentId = task.RequesterAgentId,
            ResponderAgentId = task.ResponderAgentId,
            Mode = task.Mode ?? TaskMode.Routed,
            Group = GroupState.Of(task),
            ParentTaskId = task.ParentTaskId,
            OnParentEnd = task.OnParentEnd,
            ReplayOf = task.ReplayOf,
            TraceId = TaskViews.TraceIdOf(row.TraceParent),
        });
    }
}

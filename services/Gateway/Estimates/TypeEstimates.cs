using System.Collections.Concurrent;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Estimates;

/// <summary>
/// History of task types, remembered for a while. It is a help and no promise: when StateSync cannot be asked soon, nothing is said and
/// nothing is refused.
/// </summary>
public sealed class TypeEstimates(ITypeStatistics statistics, TimeProvider clock, IOptions<GatewayOptions> options)
{
    private const int TypesMax = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<string, Memory> _remembered = new(StringComparer.Ordinal);

    /// <summary>The history of a type; null when it cannot be had now.</summary>
    public async ValueTask<TaskTypeStatistics?> Find(string taskType, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (_remembered.TryGetValue(taskType, out var known) && now - known.At < options.Value.EstimatesFor) { return known.History; }
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        TaskTypeStatistics? history;
        try
        {
            history = await statistics.Of(taskType, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested
            && e is ProtocolException or OperationCanceledException or TimeoutException or System.Data.Common.DbException)
        {
            // Remembered as well: an outage must not make every submission wait.
            history = known?.History;
        }

        // Types come from callers; what they may fill is bounded, and what is dropped is asked for again.
        if (_remembered.Count >= TypesMax) { _remembered.Clear(); }
        _remembered[taskType] = new Memory(history, now);
        return history;
    }

    /// <summary>What history has against a deadline, with one that would most likely be met; null when nothing.</summary>
    public async ValueTask<(FieldError Error, DateTimeOffset? Suggested)?> Objection(SubmitTask task, DateTimeOffset now, CancellationToken cancellation)
    {
        if ((task.Deadline ?? Timed(task, now)) is not { } deadline
            || await Find(task.TaskType, cancellation).ConfigureAwait(false) is not { } history
            || !DeadlineRules.IsImpossible(history, options.Value.EstimateSamplesMin, deadline, now))
        {
            return null;
        }

        var sentence = $"too near: of the last {history.Completed} tasks of this type 19 of 20 ran for more than {history.ExecutionS!.P05:0.###} s; "
            + "see suggested_deadline";
        return (new FieldError(task.Deadline is null ? "#/timeout_s" : "#/deadline", sentence, ErrorKind.DeadlineImpossible.Code), Suggest(history, now));
    }

    // However long it waits before it may start: less time than this it cannot have.
    private static DateTimeOffset? Timed(SubmitTask task, DateTimeOffset now) =>
        task.TimeoutS is { } seconds ? now.AddSeconds(seconds) : null;

    /// <summary>A deadline that would most likely be met.</summary>
    public DateTimeOffset? Suggest(TaskTypeStatistics history, DateTimeOffset now) =>
        DeadlineRules.Suggest(history, options.Value.EstimateSamplesMin, now);

    /// <summary>Whether a task may miss its deadline; null when nothing can be said.</summary>
    public async ValueTask<bool?> IsAtRisk(TaskDocument task, CancellationToken cancellation)
    {
        if (task.Deadline is null || task.State.IsTerminal()) { return null; }
        return await Find(task.TaskType, cancellation).ConfigureAwait(false) is { } history
            ? DeadlineRules.IsAtRisk(history, options.Value.EstimateSamplesMin, task, clock.GetUtcNow())
            : null;
    }

    private sealed record Memory(TaskTypeStatistics? History, DateTimeOffset At);
}

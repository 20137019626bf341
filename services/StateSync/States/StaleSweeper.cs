using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Persistence.Timers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// Asks the Scheduler about tasks that have not ended and have not moved for long: behind a last step that got lost nothing comes that would show the
/// gap. Walks through all such tasks, a few each round, and begins again.
/// </summary>
public sealed class StaleSweeper(IStateQueries states, StepRequests requests, IOptions<StateSyncOptions> options, TimeProvider clock,
    ILogger<StaleSweeper> log) : PeriodicDuty(options.Value.VerifyInterval, clock, log)
{
    private static readonly TaskState[] Open = [.. Enum.GetValues<TaskState>().Where(state => state != TaskState.Unknown && !state.IsTerminal())];
    private TaskCursor? _after;

    /// <summary>One round; how many tasks were asked about.</summary>
    public async Task<int> Sweep(CancellationToken cancellation)
    {
        var now = Clock.GetUtcNow();
        var page = await states.List(new TaskFilter
        {
            States = Open,
            UpdatedBefore = now - options.Value.StaleAfter,
            After = _after,
            Limit = Math.Min(options.Value.VerifyBatch, 200),
        }, cancellation).ConfigureAwait(false);
        _after = page.Next;
        foreach (var task in page.Tasks)
        {
            await requests.Ask(task.TaskId, task.Sequence + 1, null, task.UpdatedAt, now, cancellation).ConfigureAwait(false);
        }

        return page.Tasks.Count;
    }

    /// <inheritdoc />
    protected override Task Round(CancellationToken cancellation) => Sweep(cancellation);
}

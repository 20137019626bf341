using A2A.Micro.Contracts.States;
using A2A.Micro.Persistence.Timers;
using A2A.Micro.StateSync.States;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.Verification;

/// <summary>
/// Compares documents that changed lately with their history. A difference is a fault of ours and raises an alert; the document is brought back to
/// its history, as a new version that everybody is told of.
/// </summary>
public sealed class StateVerifier(IStateQueries queries, IStateStore store, IStateAnnouncer announcer, StateSyncMetrics metrics,
    IOptions<StateSyncOptions> options, TimeProvider clock, ILogger<StateVerifier> log) : PeriodicDuty(options.Value.VerifyInterval, clock, log)
{
    private const int HistoryPage = 1000;
    private DateTimeOffset _verifiedUntil = DateTimeOffset.MinValue;

    /// <summary>One round; says how many documents differ.</summary>
    public async Task<int> Verify(CancellationToken cancellation)
    {
        var (failures, left, since) = (0, options.Value.VerifyBatch, _verifiedUntil);
        TaskCursor? after = null;
        do
        {
            var page = await queries.List(new TaskFilter { After = after, Limit = Math.Min(left, 200) }, cancellation)
                .ConfigureAwait(false);
            foreach (var document in page.Tasks.TakeWhile(document => document.UpdatedAt >= since))
            {
                if (document.UpdatedAt > _verifiedUntil) { _verifiedUntil = document.UpdatedAt; }
                if (await Differs(document.TaskId, cancellation).ConfigureAwait(false)) { failures++; }
            }

            left -= page.Tasks.Count;
            after = page.Tasks.Count > 0 && page.Tasks[^1].UpdatedAt >= since ? page.Next : null;
        }
        while (after is not null && left > 0);
        return failures;
    }

    /// <inheritdoc />
    protected override Task Round(CancellationToken cancellation) => Verify(cancellation);

    private async Task<bool> Differs(string taskId, CancellationToken cancellation)
    {
        if (await queries.Find(taskId, cancellation).ConfigureAwait(false) is not { } document) { return false; }
        var changes = new List<TaskChange>();
        while (changes.Count < document.Version)
        {
            var wanted = (int)Math.Min(HistoryPage, document.Version - changes.Count);
            var page = await queries.History(taskId, changes.Count > 0 ? changes[^1].Version : 0, wanted, cancellation)
                .ConfigureAwait(false);
            if (page.Count == 0) { break; }
            // Read after the document, the history may have grown: what is newer than the document is not compared.
            changes.AddRange(page.Where(change => change.Version <= document.Version));
            if (page[^1].Version > document.Version) { break; }
        }

        if (HistoryRules.Mismatch(document, changes) is not { } mismatch) { return false; }
        metrics.VerificationFailed();
        StateSyncLog.Mismatch(log, taskId, mismatch);
        await Mend(new StateInput.Mend(taskId, document.Version, changes), cancellation).ConfigureAwait(false);
        return true;
    }

    private async Task Mend(StateInput.Mend mend, CancellationToken cancellation)
    {
        var answers = await store.Apply([mend], cancellation).ConfigureAwait(false);
        var isDone = answers[0].Changes.Count > 0;
        metrics.Repaired(isDone);
        if (!isDone) { return; }
        StateSyncLog.Mended(log, mend.TaskId, answers[0].Changes[^1].Version);
        await announcer.Announce([(mend.TaskId, answers[0])], cancellation).ConfigureAwait(false);
    }
}

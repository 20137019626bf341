using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.StateSync.States;

namespace A2A.Micro.StateSync.Verification;

/// <summary>Does the history of a document lead to the document? (G8, I11). Pure.</summary>
public static class HistoryRules
{
    /// <summary>The first thing that does not fit; null when all of it fits.</summary>
    /// <param name="document">The document.</param>
    /// <param name="changes">All its versions, in order.</param>
    public static string? Mismatch(TaskDocument document, IReadOnlyList<TaskChange> changes)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            if (changes[i].Version != i + 1) { return $"version {i + 1} is missing; {changes[i].Version} follows"; }
            if (i > 0 && changes[i].Attempt == changes[i - 1].Attempt && changes[i].Progress < changes[i - 1].Progress)
            {
                return $"progress goes back in version {i + 1}";
            }
        }

        if (changes.Count != document.Version)
        {
            return $"the document has version {document.Version}, its history ends at {changes.Count}";
        }

        var last = changes[^1];
        return Differs("state", document.State, last.State)
            ?? Differs("phase", document.Phase, last.Phase)
            ?? Differs("attempt", document.Attempt, last.Attempt)
            ?? Differs("agent_id", document.AgentId, last.AgentId)
            ?? Differs("progress", document.Progress, last.Progress);
    }

    /// <summary>
    /// The document that the history leads to, as a new version, with the versions that are missing filled in by what was there before them; null when
    /// nothing differs, or there is no history to go by.
    /// </summary>
    public static (TaskDocument Document, IReadOnlyList<TaskChange> Changes)? Mend(
        TaskDocument document, IReadOnlyList<TaskChange> changes, DateTimeOffset now)
    {
        if (changes.Count == 0 || Mismatch(document, changes) is null) { return null; }
        var (filled, last) = (new List<TaskChange>(), changes[0]);
        var missing = 1L;
        foreach (var change in changes.Append(changes[^1] with { Version = document.Version + 1 }))
        {
            for (; missing < change.Version; missing++) { filled.Add(last with { Version = missing, Kind = DocumentRules.Repair, Data = null }); }
            last = change;
            missing = Math.Max(missing, change.Version + 1);
        }

        var truth = changes[^1];
        var mended = document with
        {
            Version = Math.Max(document.Version, truth.Version) + 1,
            State = truth.State,
            Phase = truth.Phase,
            Attempt = truth.Attempt,
            AgentId = truth.AgentId,
            Progress = truth.Progress,
            ProgressMessage = truth.ProgressMessage,
            Code = truth.Code,
            Reason = truth.Reason,
            EndedAt = truth.State.IsTerminal() ? document.EndedAt ?? truth.At : null,
            UpdatedAt = now > document.UpdatedAt ? now : document.UpdatedAt,
        };
        // Progress that goes back within the history cannot be mended by another version.
        var all = changes.Concat(filled).OrderBy(change => change.Version).Append(DocumentRules.Describe(mended, DocumentRules.Repair)).ToList();
        return Mismatch(mended, all) is null ? (mended, [.. filled, all[^1]]) : null;
    }

    private static string? Differs<T>(string field, T document, T history) =>
        EqualityComparer<T>.Default.Equals(document, history)
            ? null
            : $"{field} is {document}, its history says {history}";
}

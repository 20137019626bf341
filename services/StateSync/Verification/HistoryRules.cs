using A2A.Micro.Contracts.States;

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

    private static string? Differs<T>(string field, T document, T history) =>
        EqualityComparer<T>.Default.Equals(document, history)
            ? null
            : $"{field} is {document}, its history says {history}";
}

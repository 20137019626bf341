using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.Scheduler.Distribution;

/// <summary>
/// Agents that did not answer an offer (COM001). Another one is asked at once; where there is no other, the same one is asked again after a back-off, which
/// doubles with each silence. What is owed to whom is told from the notes of the task, so it is known to whoever reads them. Pure.
/// </summary>
public static class Silence
{
    private const string NoAnswer = " did not answer the offer in time";
    private const string Alone = " alone could do it, and is asked again after a while";

    /// <summary>The note of a silence.</summary>
    public static string Note(int attempt, string? agentId) => $"attempt {attempt}: {agentId}{NoAnswer} ({ErrorKind.Timeout})";

    /// <summary>The note of the back-off that follows when room comes from the silent one again.</summary>
    public static string NoteOfRest(int attempt, string agentId) => $"attempt {attempt}: {agentId}{Alone}";

    /// <summary>How often the agent was silent, if it has not been left alone since; 0: it may be asked.</summary>
    public static int Owed(IReadOnlyList<string> notes, string agentId)
    {
        ArgumentNullException.ThrowIfNull(notes);
        var isOwed = notes.LastOrDefault(note => Is(note, agentId, NoAnswer) || Is(note, agentId, Alone)) is { } last && Is(last, agentId, NoAnswer);
        return isOwed ? notes.Count(note => Is(note, agentId, NoAnswer)) : 0;
    }

    // What agents say of themselves stands behind another beginning.
    private static bool Is(string note, string agentId, string what) =>
        note.StartsWith("attempt ", StringComparison.Ordinal) && note.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon
            && note.AsSpan(colon + 2).StartsWith(agentId, StringComparison.Ordinal)
            && note.AsSpan(colon + 2 + agentId.Length).StartsWith(what, StringComparison.Ordinal);
}

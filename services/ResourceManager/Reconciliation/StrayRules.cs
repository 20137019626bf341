using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Reconciliation;

/// <summary>
/// Which reservations belong to nobody. Pure. Attempts only rise and an end is final, so what StateSync says may be old but is never
/// wrong about either. A task that it does not know is let alone.
/// </summary>
public static class StrayRules
{
    /// <summary>Why a reservation belongs to nobody: <c>TASK_ENDED</c> or <c>ATTEMPT_OVER</c>; null while it may still be wanted.</summary>
    public static string? Reason(AttemptKey held, TaskAttempt? known) => known switch
    {
        null => null,
        _ when known.State.IsTerminal() => "TASK_ENDED",
        _ when known.Attempt > held.Attempt => "ATTEMPT_OVER",
        _ => null,
    };

    /// <summary>The task runs, and the agent that holds the room for it says that it does not run it: it has forgotten it.</summary>
    public const string Forgotten = "AGENT_FORGOT";

    /// <summary>
    /// What an agent forgot: it holds the room for at least <paramref name="grace"/>, its task runs with this very attempt, and the agent's
    /// word from after that time does not name it. An offer that was not taken up is none of these; its task is not running.
    /// </summary>
    /// <param name="held">What is held.</param>
    /// <param name="known">Where the task is; null when that is not known.</param>
    /// <param name="report">The agent's last word; null when it said none.</param>
    /// <param name="incarnation">Which start of the agent's process is registered.</param>
    /// <param name="grace">How long an agent has to take up what it accepted.</param>
    public static bool IsForgotten(Reservation held, TaskAttempt? known, AgentReport? report, long incarnation, TimeSpan grace) =>
        known is { State: TaskState.Running } && known.Attempt == held.Attempt.Attempt
        && report is not null && report.Incarnation == incarnation
        && report.At >= held.GrantedAt + grace && !report.Running.Contains(held.Attempt);

    /// <summary>What agents work on although they hold no room for it: it was taken from them, and they have not heard of that.</summary>
    /// <param name="reports">What they say.</param>
    /// <param name="held">What is held.</param>
    public static IReadOnlyList<(string AgentId, AttemptKey Attempt)> Foreign(
        IEnumerable<AgentReport> reports, IEnumerable<Reservation> held)
    {
        var holds = held.Select(one => (one.AgentId!, one.Attempt)).ToHashSet();
        return [.. reports.SelectMany(report => report.Running.Select(attempt => (report.AgentId, attempt))).Where(one => !holds.Contains(one))];
    }

    /// <summary>
    /// Those that are found for the second time: the release of an attempt that has just ended is on its way and needs no help.
    /// </summary>
    public static IReadOnlyDictionary<AttemptKey, string> Proven(
        IReadOnlyDictionary<AttemptKey, string> found, IReadOnlySet<AttemptKey> foundBefore) =>
        found.Where(pair => foundBefore.Contains(pair.Key)).ToDictionary();
}

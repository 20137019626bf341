using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Views;

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
    /// <param name="grace">How long an agent has to take up what it accepted.</param>
    public static bool IsForgotten(Reservation held, TaskAttempt? known, AgentReport? report, TimeSpan grace) =>
        known is { State: TaskState.Running } && known.Attempt == held.Attempt.Attempt
        && report is not null && report.At >= held.GrantedAt + grace && !report.Running.Contains(held.Attempt);

    /// <summary>What agents forgot, and when they said what shows it.</summary>
    /// <param name="seen">The pool.</param>
    /// <param name="known">Where tasks are.</param>
    /// <param name="grace">How long an agent has to take up what it accepted.</param>
    public static IReadOnlyDictionary<AttemptKey, DateTimeOffset> AllForgotten(
        PoolSnapshot seen, IReadOnlyDictionary<string, TaskAttempt> known, TimeSpan grace)
    {
        var said = Said(seen).ToDictionary(report => report.AgentId, StringComparer.Ordinal);
        return seen.Held.Where(held => IsForgotten(held, known.GetValueOrDefault(held.Attempt.TaskId), said.GetValueOrDefault(held.AgentId!), grace))
            .ToDictionary(held => held.Attempt, held => said[held.AgentId!].At);
    }

    /// <summary>
    /// What agents work on although they hold no room for it, and when they said so: it was taken from them, and they have not heard of that.
    /// </summary>
    /// <param name="seen">The pool.</param>
    public static IReadOnlyDictionary<(string AgentId, AttemptKey Attempt), DateTimeOffset> Foreign(PoolSnapshot seen)
    {
        var holds = seen.Held.Select(one => (one.AgentId!, one.Attempt)).ToHashSet();
        return Said(seen).SelectMany(report => report.Running.Select(attempt => (Work: (report.AgentId, attempt), report.At)))
            .Where(one => !holds.Contains(one.Work)).ToDictionary(one => one.Work, one => one.At);
    }

    // Words of agents that are there, by the start that is registered.
    private static IEnumerable<AgentReport> Said(PoolSnapshot seen)
    {
        var here = seen.Agents.Where(agent => agent.Facts.Standing != Standing.Offline).Select(agent => (agent.Id, agent.Facts.Incarnation)).ToHashSet();
        return seen.Reports.Where(report => here.Contains((report.AgentId, report.Incarnation)));
    }

    /// <summary>
    /// Those that are found for the second time: the release of an attempt that has just ended is on its way and needs no help.
    /// </summary>
    public static IReadOnlyDictionary<AttemptKey, string> Proven(
        IReadOnlyDictionary<AttemptKey, string> found, IReadOnlySet<AttemptKey> foundBefore) =>
        found.Where(pair => foundBefore.Contains(pair.Key)).ToDictionary();
}

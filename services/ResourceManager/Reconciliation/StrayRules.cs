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

    /// <summary>
    /// Those that are found for the second time: the release of an attempt that has just ended is on its way and needs no help.
    /// </summary>
    public static IReadOnlyDictionary<AttemptKey, string> Proven(
        IReadOnlyDictionary<AttemptKey, string> found, IReadOnlySet<AttemptKey> foundBefore) =>
        found.Where(pair => foundBefore.Contains(pair.Key)).ToDictionary();
}

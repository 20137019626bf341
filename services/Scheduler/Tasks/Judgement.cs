using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Scheduler.Dependencies;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>What a message means for a task.</summary>
public enum Verdict
{
    /// <summary>Nothing changes; written down with its reason, never swallowed.</summary>
    Refused,

    /// <summary>The next step of the life that the task hoped for.</summary>
    Proceed,

    /// <summary>Another attempt at once, elsewhere.</summary>
    Requeue,

    /// <summary>Another attempt after a wait.</summary>
    Wait,

    /// <summary>It has a result.</summary>
    Complete,

    /// <summary>It has failed for good.</summary>
    Fail,

    /// <summary>Nobody takes it.</summary>
    Reject,

    /// <summary>It ends as cancelled.</summary>
    Cancel,

    /// <summary>Its deadline has passed.</summary>
    Expire,

    /// <summary>It waits for other tasks, for its time, or for somebody's word.</summary>
    Block,

    /// <summary>It cannot be judged before something has been asked for.</summary>
    Ask,
}

/// <summary>A verdict and everything that follows from it. Made by <see cref="Verdicts"/>, applied in one place.</summary>
public sealed record Judgement(Verdict Verdict)
{
    /// <summary>Travels with the transition.</summary>
    public Cause Cause { get; init; } = Cause.None;

    /// <summary>Why it is refused.</summary>
    public RefusalReason? Refusal { get; init; }

    /// <summary>One line for the task's notes.</summary>
    public string? Note { get; init; }

    /// <summary>Counts against the task's own attempts.</summary>
    public bool IsFailure { get; init; }

    /// <summary>Counts against the cap on lost agents.</summary>
    public bool IsLoss { get; init; }

    /// <summary>Never this agent again.</summary>
    public string? Exclude { get; init; }

    /// <summary>Another agent if there is one.</summary>
    public string? Avoid { get; init; }

    /// <summary>When the state that follows has lasted too long.</summary>
    public TimeSpan? WakeIn { get; init; }

    /// <summary>Its dependencies as they are known from here on; null: as before.</summary>
    public IReadOnlyList<SettledDependency>? Settled { get; init; }

    /// <summary>Its parameters with what was passed on to it; null: as before.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>A refusal.</summary>
    public static Judgement No(RefusalReason reason) => new(Verdict.Refused) { Refusal = reason };
}

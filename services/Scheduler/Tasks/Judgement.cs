using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Scheduler.Control;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Groups;

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

    /// <summary>The agent is asked to stop, and answers.</summary>
    Stop,

    /// <summary>It rests where it can go on from.</summary>
    Pause,

    /// <summary>The agent that kept its room is asked to go on.</summary>
    Resume,

    /// <summary>It waits until somebody releases it.</summary>
    Hold,

    /// <summary>It waits for an answer of its submitter.</summary>
    Ask,

    /// <summary>A new task does it again.</summary>
    Replay,

    /// <summary>What the agent was asked for is given up, the work goes on.</summary>
    GiveUp,

    /// <summary>It waits for other tasks, for its time, or for somebody's word.</summary>
    Block,

    /// <summary>It cannot be judged before something has been asked for.</summary>
    Inquire,
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

    /// <summary>What the end of the attempt says about its agent; null: nothing.</summary>
    public AttemptOutcome? Outcome { get; init; }

    /// <summary>Never this agent again.</summary>
    public string? Exclude { get; init; }

    /// <summary>Another agent if there is one.</summary>
    public string? Avoid { get; init; }

    /// <summary>When the state that follows has lasted too long.</summary>
    public TimeSpan? WakeIn { get; init; }

    /// <summary>A command: why it is not carried out.</summary>
    public Objection? Objection { get; init; }

    /// <summary>A command that is carried out: whether it is done, or the agent has to do it.</summary>
    public CommandStatus Answer { get; init; } = CommandStatus.Applied;

    /// <summary>The task that the command makes.</summary>
    public string? NewTaskId { get; init; }

    /// <summary>Where to go on from, with the word of an agent that paused.</summary>
    public string? Token { get; init; }

    /// <summary>The number of that checkpoint within its attempt; absent: the next one.</summary>
    public int? TokenNumber { get; init; }

    /// <summary>A command that is not carried out.</summary>
    public static Judgement Object(ErrorKind kind, string detail) =>
        new(Verdict.Refused) { Refusal = RefusalReason.Repeated, Objection = new Objection(kind, detail) };

    /// <summary>A command that finds what it wants done, or under way.</summary>
    public static Judgement Already(CommandStatus answer) =>
        new(Verdict.Refused) { Refusal = RefusalReason.Repeated, Answer = answer };
    /// <summary>Its dependencies as they are known from here on; null: as before.</summary>
    public IReadOnlyList<SettledDependency>? Settled { get; init; }

    /// <summary>Its parameters with what was passed on to it; null: as before.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>How deep it stands, with the word of its parent; null: as before.</summary>
    public int? Depth { get; init; }

    /// <summary>The task at the top of its family, with the word of its parent; null: as before.</summary>
    public string? RootId { get; init; }

    /// <summary>The key of its parent's secrets, where it has a part in them; null: none.</summary>
    public TaskSeal? Seal { get; init; }

    /// <summary>Its metadata, with on whose behalf it is done; null: as before.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>The members of a group as they are known from here on; null: as before.</summary>
    public IReadOnlyList<GroupMember>? Members { get; init; }

    /// <summary>The agent whose result becomes the group's own.</summary>
    public string? Winner { get; init; }

    /// <summary>Its children go on when it ends.</summary>
    public bool SparesChildren { get; init; }

    /// <summary>A refusal.</summary>
    public static Judgement No(RefusalReason reason) => new(Verdict.Refused) { Refusal = reason };
}

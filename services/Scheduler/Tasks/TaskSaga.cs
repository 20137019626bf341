using System.Runtime.InteropServices;
using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.Scheduler.Control;
using A2A.Micro.Scheduler.Dependencies;
using A2A.Micro.Scheduler.Groups;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>What the Scheduler remembers about one task.</summary>
public sealed class TaskSaga : SagaRow
{
    /// <summary>The outside id.</summary>
    public string TaskId { get; set; } = "";

    /// <summary>What is to be done: as it was accepted, with what has become known since.</summary>
    public SubmitTask Task
    {
        get => LaterTask ?? FirstTask;
        set
        {
            if (Version == 0) { FirstTask = value; }
            else if (!ReferenceEquals(value, Task)) { LaterTask = value; }
        }
    }

    /// <summary>The task as it came with the first commit of this row; written once, because it may be large.</summary>
    public SubmitTask FirstTask { get; set; } = Nothing;

    /// <summary>
    /// What replaced it since: a submission that came after those who wait for it, or parameters that were passed on. Null for most tasks.
    /// </summary>
    public SubmitTask? LaterTask { get; set; }

    /// <summary>What is under way beside the state; a <see cref="TaskPhase"/> word.</summary>
    public string Phase { get; set; } = "";

    /// <summary>Number of the last transition that was published; dense from 1.</summary>
    public long Sequence { get; set; }

    /// <summary>The current attempt; 0 before the first. Fencing token of everything that agents say (G5).</summary>
    public int Attempt { get; set; }

    /// <summary>Attempts that failed by their handler; these count against the retry rule.</summary>
    public int Failures { get; set; }

    /// <summary>Attempts that ended because their agent was lost or silent; these have a cap of their own (G12).</summary>
    public int Losses { get; set; }

    /// <summary>Room is asked for or held for the current attempt, and must be given back exactly once.</summary>
    public bool HoldsRoom { get; set; }

    /// <summary>The agent of the current attempt.</summary>
    public string? AgentId { get; set; }

    /// <summary>The agent that failed or lost it last: another one if there is one.</summary>
    public string? AvoidAgent { get; set; }

    /// <summary>Agents that rejected it: never these.</summary>
    public IReadOnlyList<string> ExcludedAgents { get; set; } = [];

    /// <summary>One line per rejection, failure and loss, oldest first; bounded.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];

    /// <summary>Reports that changed nothing, with the reason; the last few (G3).</summary>
    public IReadOnlyList<string> Refused { get; set; } = [];

    /// <summary>The deadline; the same as in <see cref="Task"/>, as a column for the operator's queries.</summary>
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>When the current step has lasted too long: offer unanswered, back-off over, grace over.</summary>
    public DateTimeOffset? WakeAt { get; set; }

    /// <summary>An operator holds it; then it is <c>blocked</c>, and nothing but a release moves it on.</summary>
    public bool Held { get; set; }

    /// <summary>Paused, or about to be: what it holds at its agent stays reserved, and it goes on there.</summary>
    public bool KeepsRoom { get; set; }

    /// <summary>The deadline moves on by the time that the pause lasts.</summary>
    public bool ExtendsDeadline { get; set; }

    /// <summary>What was left until the deadline when the clock was stopped, in milliseconds.</summary>
    public long? DeadlineLeftMs { get; set; }

    /// <summary>Where the next attempt goes on from; at most 64 KiB (R13).</summary>
    public string? Checkpoint { get; set; }

    /// <summary>The attempt that saved it.</summary>
    public int CheckpointAttempt { get; set; }

    /// <summary>Its number within the attempt.</summary>
    public int CheckpointNumber { get; set; }

    /// <summary>What was changed in <see cref="Task"/> while it waited.</summary>
    public TaskAmendment? Amendment { get; set; }

    /// <summary>The question of the agent that is open, or was last.</summary>
    public InputQuestion? Question { get; set; }

    /// <summary>Answers to questions, a JSON object with one member per key.</summary>
    public string? Inputs { get; set; }

    /// <summary>The commands it was given and what became of them; the last hundred.</summary>
    public IReadOnlyList<CommandNote> Commands { get; set; } = [];

    /// <summary>What is asked for now: as it was accepted, with what was changed since.</summary>
    public SubmitTask Asked => Amendment?.ApplyTo(Task) ?? Task;

    /// <summary>The cancel command that is being carried out.</summary>
    public string? CommandId { get; set; }

    /// <summary>Why it is being cancelled.</summary>
    public string? CancelReason { get; set; }

    /// <summary>When the task was accepted.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it changed last.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Who waits for this task, and its children, in the order in which they asked; those who wait are gone once they have been told.</summary>
    public IReadOnlyList<Watcher> Watchers { get; set; } = [];

    /// <summary>What is known about the tasks that this one waits for.</summary>
    public IReadOnlyList<SettledDependency> Settled { get; set; } = [];

    /// <summary>How deep it stands below a task that stands alone; 0 for that one, and for a child until its parent has taken it in.</summary>
    public int Depth { get; set; }

    /// <summary>Of a child that was taken in: the task at the top of its family, which stands alone. Null for that one itself.</summary>
    public string? RootId { get; set; }

    /// <summary>Of a task that stands alone: the keys of all that stand below its children, as it has counted them.</summary>
    public IReadOnlyList<Guid> Descendants { get; set; } = [];

    /// <summary>Of a group: who does it, decided once, and what each came to. Empty for most tasks.</summary>
    public IReadOnlyList<GroupMember> Members { get; set; } = [];

    /// <summary>Its children go on when it ends: the cancel said so.</summary>
    public bool SparesChildren { get; set; }

    /// <summary>Why it ended without a result, for those who ask later.</summary>
    public TaskError? Error { get; set; }

    /// <summary>An agent has begun with it, in whatever attempt.</summary>
    public bool HasStarted { get; set; }

    /// <summary>The result as JSON, for those who want parts of it later; null without one, and when it is too large for that.</summary>
    public string? Result { get; set; }

    /// <summary>There is a result, too large to take parts from.</summary>
    public bool HasLargeResult { get; set; }

    /// <summary>The cycle that this task closes, when it was looked for and found. Lives only while a message is handled; not stored.</summary>
    public IReadOnlyList<string>? Cycle { get; set; }

    /// <summary>Why the transition that is being made is made. Travels with it; not stored.</summary>
    public Cause Cause { get; set; } = Cause.None;

    /// <summary>What the message at hand means. Lives only while it is handled; not stored.</summary>
    public Judgement? Judgement { get; set; }

    /// <inheritdoc />
    public override bool StaysInMemory => !SchedulerMetrics.IsTerminal(this) && ParameterBytes <= ParameterBytesMax;

    private int ParameterBytes => Task.Parameters is { } given ? JsonMarshal.GetRawUtf8Value(given).Length : 0;

    /// <inheritdoc />
    public override void Settle() => (Cause, Judgement, Cycle) = (Cause.None, null, null);

    private const int ParameterBytesMax = 16 * 1024;

    private static readonly SubmitTask Nothing = new() { TaskId = "" };
}

/// <summary>Why a transition is made, and what it brings.</summary>
public sealed record Cause
{
    /// <summary>The state says it all.</summary>
    public static readonly Cause None = new();

    /// <summary>A reason or error code.</summary>
    public string? Code { get; init; }

    /// <summary>For a person.</summary>
    public string? Reason { get; init; }

    /// <summary>The result, with <c>completed</c>.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Figures of the agent.</summary>
    public JsonElement? ExecutionMetadata { get; init; }

    /// <summary>Why it did not succeed.</summary>
    public TaskError? Error { get; init; }

    /// <summary>Dependencies about which something new is known.</summary>
    public IReadOnlyList<DependencyState>? Dependencies { get; init; }

    /// <summary>Members of a group about which something new is known.</summary>
    public IReadOnlyList<MemberState>? Members { get; init; }

    /// <summary>How many of them must succeed, once that is decided.</summary>
    public int? Needed { get; init; }

    /// <summary>What was reserved.</summary>
    public IReadOnlyList<AllocatedResource>? Resources { get; init; }

    /// <summary>What was changed in what was asked for.</summary>
    public TaskAmendment? Amendment { get; init; }

    /// <summary>The command that leads there.</summary>
    public string? CommandId { get; init; }
}

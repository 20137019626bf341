using System.Runtime.InteropServices;
using System.Text.Json;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Persistence.Sagas;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>What the Scheduler remembers about one task.</summary>
public sealed class TaskSaga : SagaRow
{
    /// <summary>The outside id.</summary>
    public string TaskId { get; set; } = "";

    /// <summary>What was asked for, as it was accepted.</summary>
    public SubmitTask Task { get; set; } = Nothing;

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

    /// <summary>The cancel command that is being carried out.</summary>
    public string? CommandId { get; set; }

    /// <summary>Why it is being cancelled.</summary>
    public string? CancelReason { get; set; }

    /// <summary>When the task was accepted.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it changed last.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Why the transition that is being made is made. Travels with it; not stored.</summary>
    public Cause Cause { get; set; } = Cause.None;

    /// <summary>What the message at hand means. Lives only while it is handled; not stored.</summary>
    public Judgement? Judgement { get; set; }

    /// <inheritdoc />
    public override bool StaysInMemory => !SchedulerMetrics.IsTerminal(this) && ParameterBytes <= ParameterBytesMax;

    private int ParameterBytes => Task.Parameters is { } given ? JsonMarshal.GetRawUtf8Value(given).Length : 0;

    /// <inheritdoc />
    public override void Settle() => (Cause, Judgement) = (Cause.None, null);

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

    /// <summary>What was reserved.</summary>
    public IReadOnlyList<AllocatedResource>? Resources { get; init; }
}

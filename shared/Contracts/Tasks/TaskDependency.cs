using System.Text.Json;
using System.Text.Json.Serialization;
using MassTransit;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// <c>task.dependency.watch</c>: a task that waits asks another one to tell it what becomes of it. The other one may not be there yet.
/// One per dependency and dependant; a repeat asks again.
/// </summary>
[MessageUrn("a2a:task.dependency.watch", useDefaultPrefix: false), EntityName("task.dependency.watch")]
public sealed record WatchDependency
{
    /// <summary>The task that is asked.</summary>
    public required string TaskId { get; init; }

    /// <summary>The task that waits for it.</summary>
    public required string DependentId { get; init; }

    /// <summary>Since when it waits.</summary>
    public required DateTimeOffset WaitingSince { get; init; }

    /// <summary>It is enough that an agent begins; absent: the end is meant.</summary>
    public bool UntilStarted { get; init; }

    /// <summary>JSON pointers of the parts of the result that are wanted.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }

    /// <summary>
    /// The dependant asks as a child: whether it is taken in, at once; the end of its parent is said by a cancel, if at all.
    /// </summary>
    public bool AsChild { get; init; }

    /// <summary>With <see cref="AsChild"/>: what becomes of the child when the parent ends; absent: <c>cancel_on_failure</c>.</summary>
    public ParentEnd? OnParentEnd { get; init; }

    /// <summary>
    /// From a parent that is a child itself, to the task at the top of the family: the yes that the child is to get, if the family has room for one more.
    /// </summary>
    public DependencySettled? Admission { get; init; }

    /// <summary>The agent that works on the dependant and waits itself: the answer goes to its queue of commands.</summary>
    public string? AgentId { get; init; }

    /// <summary>With <see cref="AgentId"/>: the attempt that waits; a later one takes the place of an earlier one.</summary>
    public int? Attempt { get; init; }
}

/// <summary>
/// <c>task.dependency.settled</c>: the answer, once there is one. Said by the step that ends (or starts) the dependency, or at once when
/// that was before.
/// </summary>
[MessageUrn("a2a:task.dependency.settled", useDefaultPrefix: false), EntityName("task.dependency.settled")]
public sealed record DependencySettled
{
    /// <summary>The task that waits.</summary>
    public required string TaskId { get; init; }

    /// <summary>The task that it waits for.</summary>
    public required string DependencyId { get; init; }

    /// <summary>A terminal state, or <c>running</c>; absent: no task of this id appeared in time.</summary>
    public TaskState? State { get; init; }

    /// <summary>Whether an agent ever began with it.</summary>
    public bool HasStarted { get; init; }

    /// <summary>The wanted parts of the result that are there; absent: too much for one message to many, ask for them.</summary>
    [JsonConverter(typeof(PointerMapConverter<JsonElement>))]
    public IReadOnlyDictionary<string, JsonElement>? Outputs { get; init; }

    /// <summary>Why parts of the result are missing, or why a child is not taken in.</summary>
    public string? Detail { get; init; }

    /// <summary>To a child that is taken in: how deep it stands, its root being 0.</summary>
    public int? Depth { get; init; }

    /// <summary>To a child that is taken in: the task at the top of the family, which counts all that stand below it.</summary>
    public string? RootId { get; init; }

    /// <summary>To a child that is taken in: on whose behalf its parent is done (<see cref="MetadataRules.OnBehalf"/>); absent: nobody was asked.</summary>
    public JsonElement? OnBehalf { get; init; }

    /// <summary>To a child that is taken in: the key of its parent's secrets, under which <see cref="SealedBy"/> sealed those of the child.</summary>
    public TaskSeal? Seal { get; init; }

    /// <summary>With <see cref="Seal"/>: the agent that works on the parent. A child that another one handed in has no part in its secrets.</summary>
    public string? SealedBy { get; init; }

    /// <summary>Towards an agent: who it is.</summary>
    public string? AgentId { get; init; }

    /// <summary>Towards an agent: the attempt that waits.</summary>
    public int? Attempt { get; init; }

    /// <summary>Towards an agent: why there is no result.</summary>
    public TaskError? Error { get; init; }
}

using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.States;

/// <summary>
/// Names of task events: <c>task.</c> and the state that a step led to, such as <c>task.completed</c>; <c>task.progress</c> and
/// <c>task.partial</c> for reports of agents. Filters and topics go by these names, the type of a CloudEvent is one of them between
/// <c>a2a.</c> and <c>.v1</c>. Pure.
/// </summary>
public static class TaskEventName
{
    /// <summary>The event that a webhook is tried out with; it is about no task.</summary>
    public const string Test = "webhook.test";

    private const string Prefix = "a2a.";
    private const string Suffix = ".v1";

    /// <summary>Every name, in the order of a task's life.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Enum.GetValues<TaskState>().Where(state => state != TaskState.Unknown).Select(state => "task." + state.Word()), "task.progress", "task.partial"];

    /// <summary>The name of a change of this kind to this state.</summary>
    public static string Of(string kind, TaskState state) => "task." + (kind is "transition" or "repair" ? state.Word() : kind);

    /// <summary>The type of the CloudEvent of this name.</summary>
    public static string ToType(string name) => Prefix + name + Suffix;

    /// <summary>The name within the type of a CloudEvent; the type itself where it is none of ours.</summary>
    public static string FromType(string type) =>
        type.StartsWith(Prefix, StringComparison.Ordinal) && type.EndsWith(Suffix, StringComparison.Ordinal)
        && type.Length > Prefix.Length + Suffix.Length
            ? type[Prefix.Length..^Suffix.Length]
            : type;

    /// <summary>Whether a pattern covers at least one name: a name itself, or <c>task.*</c>, or <c>*</c>.</summary>
    public static bool IsPattern(string pattern) => All.Any(name => TypePattern.Covers(pattern, name));
}

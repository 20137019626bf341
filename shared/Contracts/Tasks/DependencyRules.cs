using System.Text;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>Is what a task waits for well formed? Pure; a part of <see cref="TaskRules"/>.</summary>
public static class DependencyRules
{
    /// <summary>Most dependencies of one task.</summary>
    public const int DependenciesMax = 100;

    /// <summary>Most entries of one <c>map</c>.</summary>
    public const int MapMax = 32;

    /// <summary>Largest parameters of a task with everything that was passed on to it, in bytes of JSON; also of a result that parts are taken from.</summary>
    public const int PassedBytesMax = 256 * 1024;

    /// <summary>Deepest nesting of a value that is passed on.</summary>
    public const int PassedDepthMax = 24;

    /// <summary>Says everything that is wrong with the dependencies and the start time of a task.</summary>
    /// <param name="task">The submission.</param>
    /// <param name="wrong">Takes pointer, detail and kind; no kind: not valid.</param>
    public static void Check(SubmitTask task, Action<string, string, ErrorKind?> wrong)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(wrong);
        if (task.NotBefore is { } start && task.Deadline <= start)
        {
            wrong("#/not_before", "the deadline is not later than this", ErrorKind.DeadlineImpossible);
        }

        if (task.Dependencies.Count > DependenciesMax)
        {
            wrong("#/dependencies", $"at most {DependenciesMax} dependencies", ErrorKind.TooLarge);
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < task.Dependencies.Count; i++)
        {
            var (dependency, at) = (task.Dependencies[i], $"#/dependencies/{i}");
            if (!TaskRules.IsTaskId(dependency.TaskId)) { wrong(at, "a task id or an object with task_id is expected", null); }
            else if (dependency.TaskId == task.TaskId) { wrong(at, $"closes a cycle: {task.TaskId} -> {task.TaskId}", null); }
            else if (!seen.Add(dependency.TaskId)) { wrong(at, "this task is named before; name it once", null); }
            CheckWords(dependency, at, wrong);
        }

        CheckMaps(task, wrong);
    }

    private static void CheckWords(Dependency dependency, string at, Action<string, string, ErrorKind?> wrong)
    {
        if (dependency.Condition == DependencyCondition.Unknown)
        {
            wrong(at + "/condition", "one of success, failure, completion, started", ErrorKind.UnsupportedRequest);
        }

        if (dependency.OnUnsatisfied == UnsatisfiedPolicy.Unknown)
        {
            wrong(at + "/on_unsatisfied", "one of fail, skip, release, hold", ErrorKind.UnsupportedRequest);
        }

        if (dependency.Map is null) { return; }
        if (dependency.Condition is DependencyCondition.Started or DependencyCondition.Failure)
        {
            wrong(at + "/map", $"there is no result yet when the condition is {dependency.Condition.Word()}; use success or completion", null);
        }

        if (dependency.Map.Count is 0 or > MapMax) { wrong(at + "/map", $"1 to {MapMax} entries", null); }
    }

    private static void CheckMaps(SubmitTask task, Action<string, string, ErrorKind?> wrong)
    {
        var targets = new List<string>();
        foreach (var (dependency, i) in task.Dependencies.Select((dependency, i) => (dependency, i)))
        {
            foreach (var (source, target) in (dependency.Map ?? new Dictionary<string, string>()).Take(MapMax))
            {
                var at = $"#/dependencies/{i}/map/{Escape(source)}";
                if (!JsonPointer.IsPointer(source)) { wrong(at, $"{Form} is expected, into the result", null); }
                if (!JsonPointer.IsPointer(target)) { wrong(at, $"{Form} is expected, into the parameters", null); }
                else if (ParameterMap.Obstacle(task.Parameters, target) is { } obstacle) { wrong(at, obstacle, null); }
                else if (targets.Find(other => Clash(other, target)) is { } other)
                {
                    wrong(at, $"'{target}' and '{other}' of the parameters would be set over each other", null);
                }
                else
                {
                    targets.Add(target);
                }
            }
        }
    }

    private static readonly string Form = $"a JSON pointer such as /rows/0, or \"\" for the whole, of at most {JsonPointer.LengthMax} characters,";

    private static bool Clash(string one, string other) =>
        one == other || one.StartsWith(other + "/", StringComparison.Ordinal) || other.StartsWith(one + "/", StringComparison.Ordinal);

    private static string Escape(string name)
    {
        var text = new StringBuilder(name.Length > 64 ? name[..64] : name).Replace("~", "~0").Replace("/", "~1").ToString();
        return Uri.EscapeDataString(text).Replace("%7E", "~", StringComparison.Ordinal);
    }
}

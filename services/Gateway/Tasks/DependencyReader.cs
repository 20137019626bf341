using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>Reads what a submission waits for: bare ids and objects (R7). Pure.</summary>
internal static class DependencyReader
{
    private static readonly Dictionary<string, string> NoNames = [];

    /// <summary>The dependencies that can be read; whatever cannot is added to the errors.</summary>
    /// <param name="submission">The submission's members.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="names">Ids behind local names; null outside a batch.</param>
    public static List<Dependency> Read(JsonFields submission, List<FieldError> errors, IReadOnlyDictionary<string, string>? names)
    {
        if (submission.Any("dependencies") is not { } member) { return []; }
        if (member.ValueKind != JsonValueKind.Array)
        {
            submission.Wrong("#/dependencies", "an array of task ids or of objects with task_id is expected");
            return [];
        }

        if (member.GetArrayLength() > DependencyRules.DependenciesMax)
        {
            submission.Wrong("#/dependencies", $"at most {DependencyRules.DependenciesMax} dependencies", ErrorKind.TooLarge);
            return [];
        }

        return [.. member.EnumerateArray().Select((item, i) => Read(item, $"#/dependencies/{i}", errors, names ?? NoNames))];
    }

    private static Dependency Read(JsonElement item, string at, List<FieldError> errors, IReadOnlyDictionary<string, string> names)
    {
        if (item.ValueKind == JsonValueKind.String) { return new Dependency { TaskId = Resolve(item.GetString()!, names) }; }
        if (item.ValueKind != JsonValueKind.Object)
        {
            errors.Add(new FieldError(at, "a task id or an object with task_id is expected", ErrorKind.Validation.Code));
            return new Dependency { TaskId = "" };
        }

        var fields = new JsonFields(item, at, errors, "task_id", "condition", "on_unsatisfied", "map");
        if (fields.Any("task_id") is null) { fields.Wrong(at + "/task_id", "required: the id of the task that is waited for"); }
        return new Dependency
        {
            TaskId = Resolve(fields.Text("task_id") ?? "", names),
            Condition = fields.Word<DependencyCondition>("condition") ?? DependencyCondition.Success,
            OnUnsatisfied = fields.Word<UnsatisfiedPolicy>("on_unsatisfied") ?? UnsatisfiedPolicy.Fail,
            Map = Map(fields, at, errors),
        };
    }

    // A name of this batch, else an id.
    private static string Resolve(string text, IReadOnlyDictionary<string, string> names) => names.GetValueOrDefault(text, text);

    private static Dictionary<string, string>? Map(JsonFields fields, string at, List<FieldError> errors)
    {
        if (fields.Any("map") is not { } member) { return null; }
        var sources = member.ValueKind == JsonValueKind.Object ? member.EnumerateObject().Select(one => one.Name).ToArray() : [];
        var entries = new JsonFields(member, at + "/map", errors, sources);
        if (member.ValueKind != JsonValueKind.Object) { return null; }
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            if (entries.Any(source) is null) { entries.Wrong(entries.PointerOf(source), "a JSON pointer into the parameters is expected"); }
            map[source] = entries.Text(source) ?? "";
        }

        return map;
    }
}

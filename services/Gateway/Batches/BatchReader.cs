using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Gateway.TaskTypes;

namespace A2A.Micro.Gateway.Batches;

/// <summary>Turns the tasks of a batch into commands whose dependencies have ids, or into everything that is wrong with them. Pure.</summary>
public static class BatchReader
{
    /// <summary>The items in their order.</summary>
    /// <param name="bodies">What was sent.</param>
    /// <param name="madeId">The id for the task at a place whose caller chose none.</param>
    /// <param name="now">Judges deadlines and becomes the time of creation.</param>
    /// <param name="types">Judges the parameters and fills in what is left open; null: nothing is known about types.</param>
    /// <param name="childrenMax">Most children of one task.</param>
    public static IReadOnlyList<BatchItem> Read(
        IReadOnlyList<JsonElement> bodies, Func<int, string> madeId, DateTimeOffset now, TypeCatalogue? types = null,
        int childrenMax = FamilyRules.ChildrenMax)
    {
        ArgumentNullException.ThrowIfNull(bodies);
        ArgumentNullException.ThrowIfNull(madeId);
        var items = bodies.Select((body, i) => new BatchItem
        {
            Index = i,
            Body = body,
            Name = Text(body, "name"),
            TaskId = Text(body, "task_id") ?? madeId(i),
        }).ToArray();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in items.Where(item => BatchLimits.IsName(item.Name))) { _ = names.TryAdd(item.Name!, item.TaskId); }
        return BatchGraph.Check([.. CheckTwins(items.Select(item => Read(item, names, now, types)))], childrenMax);
    }

    /// <summary>
    /// The id for a task of a batch with a key: the same every time, so that a repeat of the request names the same tasks.
    /// </summary>
    public static string MadeId(string key, int index) =>
        "task-" + TaskKey.FromName(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"batch\n{key}\n{index}"));

    private static BatchItem Read(BatchItem item, Dictionary<string, string> names, DateTimeOffset now, TypeCatalogue? types)
    {
        var submission = SubmissionReader.Read(item.Body, item.TaskId, now, types, names);
        var placed = submission.Errors.Select(error => error with { Pointer = BatchItem.PointerOf(item.Index) + error.Pointer[1..] }).ToList();
        var read = item with { Task = submission.Task, Errors = placed, Refused = submission.Refused };
        var hasName = item.Body.ValueKind == JsonValueKind.Object && item.Body.TryGetProperty("name", out var name)
            && name.ValueKind != JsonValueKind.Null;
        return hasName && !BatchLimits.IsName(item.Name)
            ? read.Refuse("/name", $"1 to {BatchLimits.NameLengthMax} characters from A-Z a-z 0-9 . _ -")
            : read;
    }

    private static IEnumerable<BatchItem> CheckTwins(IEnumerable<BatchItem> items)
    {
        var (ids, names) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        foreach (var item in items)
        {
            var judged = item;
            if (!ids.TryAdd(item.TaskId, item.Index)) { judged = judged.Refuse("/task_id", $"task {ids[item.TaskId]} of this batch has this id"); }
            if (item.Name is { } name && !names.TryAdd(name, item.Index))
            {
                judged = judged.Refuse("/name", $"task {names[name]} of this batch has this name");
            }

            yield return judged;
        }
    }

    private static string? Text(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;
}

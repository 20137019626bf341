using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Batches;

namespace A2A.Micro.Gateway.Workflows;

/// <summary>
/// Turns a pipeline into submissions that wait for each other, and what is wrong with those back into words about the pipeline. Pure.
/// </summary>
public static class WorkflowReader
{
    /// <summary>What every stage has in common unless it says otherwise.</summary>
    private static readonly string[] Shared = ["priority", "deadline", "metadata", "requester_agent_id"];

    private static readonly string[] StageMembers =
    [
        "name", "task_type", "parameters", "map", "priority", "deadline", "timeout_s", "not_before", "requirements", "metadata",
        "requester_agent_id", "responder_agent_id", "mode", "agents", "completion",
        "quorum", "competitors", "retry", "constraints", "preferences", "strategy", "on_infeasible", "preemptible", "sensitive",
        "sensitive_results", "compensate",
    ];

    /// <summary>The stages as far as they can be read; everything that is wrong goes to <paramref name="errors"/>.</summary>
    public static IReadOnlyList<JsonElement> Read(JsonElement body, string workflowId, List<FieldError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var fields = new JsonFields(body, "#", errors, ["workflow_id", "kind", "name", "stages", .. Shared]);
        if (errors.Count > 0 && body.ValueKind != JsonValueKind.Object) { return []; }
        if (fields.Text("kind") is not (null or "pipeline")) { fields.Wrong("#/kind", "pipeline", ErrorKind.UnsupportedRequest); }
        _ = fields.Text("name", 200);
        if (fields.Any("stages") is not { ValueKind: JsonValueKind.Array } stages || stages.GetArrayLength() is 0 or > WorkflowRules.StagesMax)
        {
            fields.Wrong("#/stages", $"required: an array of 1 to {WorkflowRules.StagesMax} stages");
            return [];
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        return [.. stages.EnumerateArray().Select((stage, i) => ReadStage(stage, i, fields, workflowId, names, errors))];
    }

    /// <summary>What a stage is called.</summary>
    public static string NameOf(JsonElement stage, int index) =>
        stage.ValueKind == JsonValueKind.Object && stage.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString()!
            : $"stage-{index + 1}";

    /// <summary>Where the caller wrote what is wrong with one of the submissions: in a stage, or for all stages together.</summary>
    public static FieldError Place(FieldError error, JsonElement body)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (Compensations.Place(error, body) is { } placed) { return placed; }
        var path = error.Pointer.Split('/');
        if (path is not ["#", "tasks", var index, ..]) { return error; }
        var rest = path[3..];
        if (rest is ["dependencies", _, .. var inside]) { rest = inside is [] ? ["map"] : inside; }
        var stage = body.GetProperty("stages")[int.Parse(index, System.Globalization.CultureInfo.InvariantCulture)];
        var isShared = rest is [var member, ..] && Shared.Contains(member) && !Has(stage, member) && Has(body, member);
        return error with { Pointer = string.Join('/', (string[])[.. isShared ? ["#"] : (string[])["#", "stages", index], .. rest]) };
    }

    /// <summary>The task as a part of its workflow: what it belongs to stands in the reserved part of its metadata.</summary>
    public static SubmitTask AsStage(SubmitTask task, string workflowId, string stage) => Within(task, workflowId, MetadataRules.Stage, stage);

    /// <summary>The task as what undoes a stage of its workflow.</summary>
    public static SubmitTask AsCompensation(SubmitTask task, string workflowId, string stage) => Within(task, workflowId, MetadataRules.Compensates, stage);

    private static SubmitTask Within(SubmitTask task, string workflowId, string role, string stage)
    {
        ArgumentNullException.ThrowIfNull(task);
        var metadata = task.Metadata is { } given ? JsonObject.Create(given)! : [];
        metadata[MetadataRules.WorkflowId] = workflowId;
        metadata[role] = stage;
        return task with { Metadata = JsonSerializer.SerializeToElement(metadata, WireJson.Options) };
    }

    private static JsonElement ReadStage(
        JsonElement stage, int index, JsonFields workflow, string workflowId, HashSet<string> names, List<FieldError> errors)
    {
        var at = $"#/stages/{index}";
        var fields = new JsonFields(stage, at, errors, StageMembers);
        if (stage.ValueKind != JsonValueKind.Object) { return JsonSerializer.SerializeToElement(new object()); }
        _ = fields.Text("name");
        var name = NameOf(stage, index);
        if (!BatchLimits.IsName(name)) { fields.Wrong(at + "/name", $"1 to {BatchLimits.NameLengthMax} characters from A-Z a-z 0-9 . _ -"); }
        else if (!names.Add(name)) { fields.Wrong(at + "/name", "another stage has this name"); }
        var task = new JsonObject { ["task_id"] = WorkflowRules.TaskIdOf(workflowId, index) };
        foreach (var member in stage.EnumerateObject()
            .Where(member => member.Name is not ("name" or "map" or "compensate") && StageMembers.Contains(member.Name)))
        {
            task[member.Name] = Node(member.Value);
        }

        // A stage that counts its own time does so instead of the deadline of the whole.
        foreach (var member in Shared.Where(member => !Has(stage, member) && workflow.Any(member) is not null
            && !(member == "deadline" && Has(stage, "timeout_s"))))
        {
            task[member] = Node(workflow.Any(member)!.Value);
        }

        if (index > 0) { task["dependencies"] = new JsonArray(Before(fields, at, WorkflowRules.TaskIdOf(workflowId, index - 1))); }
        else if (fields.Any("map") is not null) { fields.Wrong(at + "/map", "the first stage has none before it"); }
        return JsonSerializer.SerializeToElement(task, WireJson.Options);
    }

    // The stage before; without a word about its result, the whole of it becomes the parameter "input".
    internal static JsonObject Before(JsonFields stage, string at, string taskId)
    {
        var before = new JsonObject { ["task_id"] = taskId };
        var map = stage.Any("map");
        if (map is { ValueKind: not JsonValueKind.Object })
        {
            stage.Wrong(at + "/map", "an object of JSON pointers is expected: from the result of the stage before to the parameters");
        }
        else if (map is null) { before["map"] = new JsonObject { [""] = "/input" }; }
        else if (map.Value.EnumerateObject().Any()) { before["map"] = Node(map.Value); }

        return before;
    }

    internal static bool Has(JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null;

    internal static JsonNode? Node(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(element),
        JsonValueKind.Array => JsonArray.Create(element),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(element),
    };
}

using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.Gateway.Workflows;

/// <summary>
/// What undoes the completed stages of a pipeline that comes to nothing (requirement 80), in reverse order. Pure.
/// </summary>
/// <remarks>
/// A compensation is a task like any other, handed in with the workflow: it waits for the success of its stage, for the last stage to end in any
/// other way (which it does at once when one before it fails), and for the compensation after it to be over. What can never come leaves it cancelled.
/// So nobody has to watch a workflow, and a Gateway that dies owes nothing.
/// </remarks>
internal static class Compensations
{
    private const string Member = "compensate";

    private static readonly string[] Shared = ["priority", "metadata", "requester_agent_id"];

    private static readonly string[] Members =
    [
        "task_type", "parameters", "map", "priority", "timeout_s", "requirements", "metadata", "requester_agent_id", "responder_agent_id", "retry",
        "constraints", "preferences", "strategy", "on_infeasible", "sensitive", "sensitive_results",
    ];

    /// <summary>The stages that have one, counted from 0.</summary>
    public static IReadOnlyList<int> Stages(JsonElement body) =>
        [.. body.GetProperty("stages").EnumerateArray().Index().Where(stage => WorkflowReader.Has(stage.Item, Member)).Select(stage => stage.Index)];

    /// <summary>Their tasks, in the order of the stages; everything that is wrong goes to <paramref name="errors"/>.</summary>
    public static IReadOnlyList<JsonElement> Read(JsonElement body, string workflowId, List<FieldError> errors)
    {
        var (stages, last) = (Stages(body), body.GetProperty("stages").GetArrayLength() - 1);
        var tasks = new List<JsonElement>();
        foreach (var (place, index) in stages.Index())
        {
            int? next = place + 1 < stages.Count ? stages[place + 1] : null;
            tasks.Add(Read(body, workflowId, index, last, next, errors));
        }

        return tasks;
    }

    /// <summary>Where the caller wrote what is wrong with the task of a compensation; null: it is a stage's.</summary>
    public static FieldError? Place(FieldError error, JsonElement body)
    {
        var (path, count) = (error.Pointer.Split('/'), body.GetProperty("stages").GetArrayLength());
        if (path is not ["#", "tasks", var place, ..] || int.Parse(place, System.Globalization.CultureInfo.InvariantCulture) is var task && task < count)
        {
            return null;
        }

        var (index, rest) = (Stages(body)[task - count], path[3..]);
        if (rest is ["dependencies", _, .. var inside]) { rest = inside is [] ? ["map"] : inside; }
        var own = body.GetProperty("stages")[index].GetProperty(Member);
        var isShared = rest is [var member, ..] && Shared.Contains(member) && !WorkflowReader.Has(own, member) && WorkflowReader.Has(body, member);
        return error with { Pointer = string.Join('/', isShared ? ["#", .. rest] : (string[])["#", "stages", $"{index}", Member, .. rest]) };
    }

    private static JsonElement Read(JsonElement body, string workflowId, int index, int last, int? next, List<FieldError> errors)
    {
        var at = $"#/stages/{index}/{Member}";
        var given = body.GetProperty("stages")[index].GetProperty(Member);
        var fields = new JsonFields(given, at, errors, Members);
        if (index == last) { fields.Wrong(at, "the last stage has none behind it that could fail"); }
        var task = new JsonObject { ["task_id"] = WorkflowRules.CompensationIdOf(workflowId, index) };
        if (given.ValueKind != JsonValueKind.Object) { return JsonSerializer.SerializeToElement(task); }
        foreach (var member in given.EnumerateObject().Where(member => member.Name != "map" && Members.Contains(member.Name)))
        {
            task[member.Name] = WorkflowReader.Node(member.Value);
        }

        foreach (var member in Shared.Where(member => !WorkflowReader.Has(given, member) && WorkflowReader.Has(body, member)))
        {
            task[member] = WorkflowReader.Node(body.GetProperty(member));
        }

        var done = WorkflowReader.Before(fields, at, WorkflowRules.TaskIdOf(workflowId, index));
        done["on_unsatisfied"] = "skip";
        var dependencies = new JsonArray(done, new JsonObject
        {
            ["task_id"] = WorkflowRules.TaskIdOf(workflowId, last),
            ["condition"] = "failure",
            ["on_unsatisfied"] = "skip",
        });
        if (next is { } later)
        {
            dependencies.Add(new JsonObject { ["task_id"] = WorkflowRules.CompensationIdOf(workflowId, later), ["condition"] = "completion" });
        }

        task["dependencies"] = dependencies;
        return JsonSerializer.SerializeToElement(task);
    }
}

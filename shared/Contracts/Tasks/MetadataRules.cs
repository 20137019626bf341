using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// Which names are the system's, and what becomes of them (R10). A part of <see cref="TaskRules"/>; pure. Submitters write none of them: over HTTP they are
/// refused at the door, and an agent with an account of its own cannot say them. What the Gateway has written comes over the bus, so there
/// exactly the names that the system knows are let in.
/// </summary>
public static class MetadataRules
{
    /// <summary>Names of metadata and of task types that begin like this are the system's.</summary>
    public const string ReservedPrefix = "a2a.";

    /// <summary>What a stage or a compensation belongs to, and which one it is.</summary>
    public const string WorkflowId = "a2a.workflow_id", Stage = "a2a.stage", Compensates = "a2a.compensates";

    /// <summary>Who handed the task in.</summary>
    public const string Subject = "a2a.subject", Scopes = "a2a.scopes", Tenant = "a2a.tenant";

    /// <summary>What the submitter says about the time of creation.</summary>
    public const string ClientCreatedAt = "a2a.client_created_at";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        WorkflowId, Stage, Compensates, Subject, Scopes, Tenant, ClientCreatedAt, AttemptMetadata.Attempt, AttemptMetadata.EarlierErrors,
    };

    /// <summary>The names in the reserved range; none when it is no object.</summary>
    public static IEnumerable<string> Reserved(JsonElement? metadata) =>
        metadata is { ValueKind: JsonValueKind.Object } all
            ? all.EnumerateObject().Select(member => member.Name).Where(name => name.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase))
            : [];

    /// <summary>Says everything that is wrong with the names that a task uses.</summary>
    /// <param name="task">The submission.</param>
    /// <param name="wrong">Takes pointer, detail and kind; no kind: not valid.</param>
    public static void Check(SubmitTask task, Action<string, string, ErrorKind?> wrong)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(wrong);
        var type = task.TaskType.Length > 0 ? task.TaskType : task.Type ?? "";
        if (type.StartsWith(ReservedPrefix, StringComparison.Ordinal))
        {
            wrong("#/task_type", $"types that begin with {ReservedPrefix} are the system's; choose another name", null);
        }

        if (task.Metadata is not (null or { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object }))
        {
            wrong("#/metadata", "an object is expected", null);
        }
        else if (Reserved(task.Metadata).FirstOrDefault(name => !Known.Contains(name)) is { } strange)
        {
            wrong("#/metadata", Sentence(strange), null);
        }
    }

    /// <summary>Why a name is refused.</summary>
    public static string Sentence(string name) =>
        $"names that begin with {ReservedPrefix} are the system's; choose another one than {(name.Length > 64 ? name[..64] : name)}";

    /// <summary>Whether a task says that it belongs to another tenant than its id does.</summary>
    public static bool IsOfAnotherTenant(SubmitTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Metadata is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty(Tenant, out var tenant)
            && !(tenant.ValueKind == JsonValueKind.String && tenant.GetString() == TenantNames.TenantOf(task.TaskId));
    }

    /// <summary>On whose behalf a task is done: subject, scopes and tenant; null: nobody was asked who it is.</summary>
    public static JsonElement? OnBehalf(JsonElement? metadata)
    {
        if (metadata is not { ValueKind: JsonValueKind.Object } all || !all.TryGetProperty(Subject, out _)) { return null; }
        var part = new JsonObject();
        foreach (var name in (string[])[Subject, Scopes, Tenant])
        {
            if (all.TryGetProperty(name, out var value)) { part[name] = JsonNode.Parse(value.GetRawText()); }
        }

        return JsonSerializer.SerializeToElement(part, WireJson.Options);
    }

    /// <summary>Metadata of a task that is done on somebody's behalf.</summary>
    public static JsonElement DoneOnBehalf(JsonElement? metadata, JsonElement whose)
    {
        var all = metadata is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : [];
        foreach (var member in whose.EnumerateObject()) { all[member.Name] = JsonNode.Parse(member.Value.GetRawText()); }
        return JsonSerializer.SerializeToElement(all, WireJson.Options);
    }

    /// <summary>Metadata that replace others: what the system has written stays.</summary>
    public static JsonElement Replace(JsonElement? before, JsonElement after)
    {
        var kept = Reserved(before).ToList();
        if (kept.Count == 0 || after.ValueKind != JsonValueKind.Object) { return after; }
        var all = JsonObject.Create(after)!;
        foreach (var name in kept) { all[name] = JsonNode.Parse(before!.Value.GetProperty(name).GetRawText()); }
        return JsonSerializer.SerializeToElement(all, WireJson.Options);
    }
}

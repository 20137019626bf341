using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.TaskTypes;
using A2A.Micro.Security.Encryption;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>Turns the body of a submission into the command, or into everything that is wrong with it. Pure.</summary>
public static class SubmissionReader
{
    private static readonly string[] Members =
    [
        "task_id", "task_type", "type", "priority", "deadline", "timeout_s", "not_before", "requirements", "constraints", "preferences", "strategy",
        "on_infeasible", "preemptible", "dependencies", "metadata", "parameters", "requester_agent_id", "responder_agent_id", "mode", "agents", "completion",
        "quorum", "competitors", "retry", "parent_task_id", "on_parent_end", "created_at", "schema_version", "sensitive", "sensitive_results",
    ];

    private const int PlacesMax = 64;
    private static readonly string[] PriorityNames = ["unspecified", "low", "medium", "high", "critical"];

    /// <summary>The command, normalised and complete; or the errors.</summary>
    /// <param name="body">What the caller sent, after the JSON gate, which also judges sizes.</param>
    /// <param name="madeId">The id for a task whose caller chose none.</param>
    /// <param name="now">Judges the deadline and becomes the time of creation.</param>
    /// <param name="types">Judges the parameters and fills in what the submission leaves open; null: nothing is known about types.</param>
    /// <param name="names">For an item of a batch: the ids behind the local names that its dependencies may use.</param>
    public static ReadSubmission Read(
        JsonElement body, string madeId, DateTimeOffset now, TypeCatalogue? types = null, IReadOnlyDictionary<string, string>? names = null)
    {
        var errors = new List<FieldError>();
        var fields = new JsonFields(body, "#", errors, names is null ? Members : [.. Members, "name"]);
        if (body.ValueKind != JsonValueKind.Object) { return new ReadSubmission(null, errors); }
        var task = new SubmitTask
        {
            TaskId = fields.Text("task_id") ?? madeId,
            TaskType = fields.Text("task_type") ?? "",
            Type = fields.Text("type"),
            Priority = Priority(fields),
            Deadline = fields.Time("deadline"),
            TimeoutS = fields.Number("timeout_s"),
            Requirements = Requirements(fields, errors),
            Constraints = PlacementReader.Constraints(fields, errors),
            Preferences = PlacementReader.Preferences(fields, errors),
            Strategy = fields.Word<PlacementStrategy>("strategy"),
            OnInfeasible = fields.Word<OnInfeasible>("on_infeasible"),
            Preemptible = fields.Flag("preemptible"),
            NotBefore = fields.Time("not_before"),
            Dependencies = DependencyReader.Read(fields, errors, names),
            Metadata = Metadata(fields),
            Parameters = Parameters(fields),
            Sensitive = Places(fields, "sensitive"),
            SensitiveResults = Places(fields, "sensitive_results"),
            RequesterAgentId = fields.Text("requester_agent_id"),
            ResponderAgentId = fields.Text("responder_agent_id"),
            Mode = fields.Word<TaskMode>("mode"),
            Agents = Texts(fields, "agents", "agent ids"),
            Completion = fields.Word<GroupCompletion>("completion"),
            Quorum = fields.Whole("quorum"),
            Competitors = fields.Whole("competitors"),
            Retry = Retry(fields, errors),
            ParentTaskId = fields.Text("parent_task_id") is { } parent ? names?.GetValueOrDefault(parent, parent) ?? parent : null,
            OnParentEnd = fields.Word<ParentEnd>("on_parent_end"),
        };
        CheckSchemaVersion(fields);
        // The rules of the protocol may repeat what is known to be wrong; the first word about a field is the more exact one.
        errors.AddRange(TaskRules.Check(task, now).Where(error =>
            !errors.Any(known => IsAtOrBelow(known.Pointer, error.Pointer) || IsAtOrBelow(error.Pointer, known.Pointer))
            && !(error.Pointer == "#/task_type" && errors.Any(known => known.Pointer == "#/type"))));
        // What a dependency hands over comes later; the agent checks the whole.
        if (task.Dependencies.All(dependency => dependency.Map is null)) { errors.AddRange(types?.Check(task) ?? []); }
        if (errors.Count > 0) { return new ReadSubmission(null, errors); }
        var complete = TaskRules.Normalise(types?.Complete(task, now) ?? task, now);
        return types?.Infeasible(complete) is { } never
            ? new ReadSubmission(null, [Error(never)], new RefusedSubmission(complete.TaskId, complete.TaskType, never))
            : new ReadSubmission(complete, errors);
    }

    private static FieldError Error(Infeasibility never) => new(
        never.Missing == "label" ? "#/constraints" : "#/requirements",
        $"{never.Code}: {never.Sentence}; with on_infeasible: wait the task waits for other agents",
        ErrorKind.ResourceUnavailable.Code);

    private static bool IsAtOrBelow(string pointer, string place) =>
        pointer == place || pointer.StartsWith(place + "/", StringComparison.Ordinal);

    private static int Priority(JsonFields fields)
    {
        if (fields.Any("priority") is not { ValueKind: JsonValueKind.String } member) { return fields.Whole("priority") ?? 0; }
        var name = member.GetString()!.ToLowerInvariant();
        var rank = Array.IndexOf(PriorityNames, name.StartsWith("priority_", StringComparison.Ordinal) ? name[9..] : name);
        if (rank < 0)
        {
            fields.Wrong("#/priority", "0 to 4 or one of low, medium, high, critical; larger is more urgent");
        }

        return Math.Max(rank, 0);
    }

    internal static Requirements? Requirements(JsonFields fields, List<FieldError> errors)
    {
        if (fields.Any("requirements") is not { } member) { return null; }
        var wanted = new JsonFields(member, "#/requirements", errors, "cpu_cores", "memory_gb", "storage_gb", "gpu_units");
        return new Requirements
        {
            CpuCores = wanted.Number("cpu_cores") ?? 0,
            MemoryGb = wanted.Number("memory_gb") ?? 0,
            StorageGb = wanted.Number("storage_gb") ?? 0,
            GpuUnits = wanted.Whole("gpu_units"),
        };
    }

    private static RetryRule? Retry(JsonFields fields, List<FieldError> errors)
    {
        if (fields.Any("retry") is not { } member) { return null; }
        var rule = new JsonFields(member, "#/retry", errors, "max_attempts", "initial_backoff_s", "max_backoff_s", "jitter",
            "non_retryable_codes");
        return new RetryRule
        {
            MaxAttempts = rule.Whole("max_attempts"),
            InitialBackoffS = rule.Number("initial_backoff_s"),
            MaxBackoffS = rule.Number("max_backoff_s"),
            Jitter = rule.Number("jitter"),
            NonRetryableCodes = Texts(rule, "non_retryable_codes", "error codes"),
        };
    }

    private static List<string>? Texts(JsonFields fields, string name, string what)
    {
        if (fields.Any(name) is not { } member) { return null; }
        if (member.ValueKind == JsonValueKind.Array && member.EnumerateArray().All(text => text.ValueKind == JsonValueKind.String))
        {
            return [.. member.EnumerateArray().Select(text => text.GetString()!)];
        }

        fields.Wrong(fields.PointerOf(name), $"an array of {what} is expected");
        return null;
    }

    private static JsonElement? Parameters(JsonFields fields)
    {
        var parameters = fields.Any("parameters");
        if (parameters is { } given && SealedFields.Forged(given) is { } place)
        {
            fields.Wrong("#/parameters" + place, $"the member {SealedFields.Mark} is the system's");
        }
        else if (parameters is { } whole && PayloadReference.Claims(whole))
        {
            fields.Wrong("#/parameters", $"the member {PayloadReference.Mark} alone is the system's");
        }

        return parameters;
    }

    private static List<string>? Places(JsonFields fields, string name)
    {
        if (fields.Any(name) is not { } member) { return null; }
        if (member.ValueKind == JsonValueKind.Array && member.GetArrayLength() <= PlacesMax
            && member.EnumerateArray().All(place => place.ValueKind == JsonValueKind.String && JsonPointer.IsPointer(place.GetString())))
        {
            return [.. member.EnumerateArray().Select(place => place.GetString()!)];
        }

        fields.Wrong(fields.PointerOf(name), $"an array of at most {PlacesMax} JSON pointers is expected, such as /api_key");
        return null;
    }

    internal static JsonElement? Metadata(JsonFields fields)
    {
        var metadata = fields.Any("metadata");
        if (metadata is { ValueKind: not JsonValueKind.Object })
        {
            fields.Wrong("#/metadata", "an object is expected");
            metadata = null;
        }

        if (MetadataRules.Reserved(metadata).FirstOrDefault() is { } name) { fields.Wrong("#/metadata", MetadataRules.Sentence(name)); }

        return fields.Time("created_at") is { } claimed ? WithClaimedTime(metadata, claimed) : metadata;
    }

    // Requirements 17: the server's clock counts; what the caller says about the time is kept beside it.
    private static JsonElement WithClaimedTime(JsonElement? metadata, DateTimeOffset claimed)
    {
        var all = metadata is { } given ? JsonObject.Create(given)! : [];
        all[MetadataRules.ClientCreatedAt] = UtcTimeConverter.Print(claimed);
        return JsonSerializer.SerializeToElement(all, WireJson.Options);
    }

    private static void CheckSchemaVersion(JsonFields fields)
    {
        if (fields.Text("schema_version") is { } version && !(version == "1" || version.StartsWith("1.", StringComparison.Ordinal)))
        {
            fields.Wrong("#/schema_version", "this server reads version 1.0", ErrorKind.UnsupportedRequest);
        }
    }
}

/// <summary>What was read of a submission.</summary>
/// <param name="Task">The command; null when something is wrong.</param>
/// <param name="Errors">Everything that is wrong.</param>
/// <param name="Refused">What would have been the command, if all that is wrong is that nobody could run it.</param>
public sealed record ReadSubmission(SubmitTask? Task, IReadOnlyList<FieldError> Errors, RefusedSubmission? Refused = null);

/// <summary>A submission that is refused because no agent that is known could ever run it.</summary>
/// <param name="TaskId">The task, as its caller calls it.</param>
/// <param name="TaskType">Its type.</param>
/// <param name="Why">What is missing.</param>
public sealed record RefusedSubmission(string TaskId, string TaskType, Infeasibility Why);

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Control;

/// <summary>Bodies of control requests as the messages they become, and back from the record. Pure.</summary>
public static class CommandMessages
{
    /// <summary>The step that a stored command was judged on; null: it had no condition.</summary>
    public static long? SequenceOf(string? body) =>
        body is not null && JsonElement.Parse(body).TryGetProperty("if_sequence", out var sequence) ? sequence.GetInt64() : null;

    /// <summary>Verbs that stand in a path: below a task, and for many tasks at once.</summary>
    public static IReadOnlyList<string> Verbs { get; } = ["cancel", "pause", "resume", "hold", "release", "requeue", "retry"];

    private const int ReasonLengthMax = 2000;
    private const int TokenBytesMax = 64 * 1024;
    private static readonly string[] Common = ["reason", "command_id"];
    private static readonly string[] PriorityNames = ["unspecified", "low", "medium", "high", "critical"];

    /// <summary>The message that a verb and its body make; what is wrong goes to <paramref name="errors"/>.</summary>
    /// <param name="verb">One of <see cref="Verbs"/>, <c>input</c> or <c>amend</c>.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="commandId">The command's id.</param>
    /// <param name="body">The body; null: none was sent.</param>
    /// <param name="errors">Everything that is wrong.</param>
    /// <param name="also">Members that somebody else reads.</param>
    internal static object Read(
        string verb, string taskId, string commandId, JsonElement? body, List<FieldError> errors, params IReadOnlyList<string> also)
    {
        var fields = new JsonFields(body ?? JsonSerializer.SerializeToElement(new object()), "#", errors, [.. Common, .. Own(verb), .. also]);
        var reason = fields.Text("reason", ReasonLengthMax);
        return verb switch
        {
            "cancel" => new CancelTask { TaskId = taskId, CommandId = commandId, Reason = reason, Cascade = Flag(fields, "cascade") },
            "pause" => new PauseTask
            {
                TaskId = taskId,
                CommandId = commandId,
                Reason = reason,
                KeepResources = Flag(fields, "release_resources") == false,
                ExtendDeadline = Flag(fields, "extend_on_pause") == true,
            },
            "resume" => new ResumeTask { TaskId = taskId, CommandId = commandId, Reason = reason, Checkpoint = Checkpoint(fields) },
            "hold" => new HoldTask { TaskId = taskId, CommandId = commandId, Reason = reason },
            "release" => new ReleaseTask { TaskId = taskId, CommandId = commandId, Reason = reason },
            "requeue" => new RequeueTask { TaskId = taskId, CommandId = commandId, Reason = reason },
            "retry" => new RetryTask { TaskId = taskId, CommandId = commandId, Reason = reason },
            "input" => new ProvideInput { TaskId = taskId, CommandId = commandId, Input = Input(fields), Key = Key(fields) },
            "amend" => new AmendTask { TaskId = taskId, CommandId = commandId, Reason = reason, Amendment = Amendment(fields, body, errors) },
            _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, "not a verb"),
        };
    }

    /// <summary>The caller's id of the command; null when it gave none.</summary>
    internal static string? IdOf(JsonElement? body, List<FieldError> errors)
    {
        if (body is not { ValueKind: JsonValueKind.Object } given || !given.TryGetProperty("command_id", out var member)
            || member.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (member.ValueKind == JsonValueKind.String && TaskRules.IsTaskId(member.GetString())) { return member.GetString(); }
        errors.Add(new FieldError("#/command_id", "1 to 128 characters from A-Z a-z 0-9 . _ : ~ -", ErrorKind.Validation.Code));
        return null;
    }

    /// <summary>The id of a command that its caller knows by an <c>Idempotency-Key</c>: the same for the same key, verb and target (conventions C6).</summary>
    internal static string IdOf(string key, string verb, string target) =>
        "key-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{verb}\n{target}\n{key}")).AsSpan(0, 16));

    /// <summary>A message as the record keeps it.</summary>
    public static string Write(object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return JsonSerializer.Serialize(message, message.GetType(), WireJson.Options);
    }

    /// <summary>The message that the record keeps.</summary>
    public static object Restore(CommandRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return JsonSerializer.Deserialize(row.Body!, TypeOf(row.Command), WireJson.Options)!;
    }

    /// <summary>The message under other ids.</summary>
    internal static object Under(object message, string verb, string taskId, string commandId)
    {
        var json = JsonSerializer.SerializeToNode(message, message.GetType(), WireJson.Options)!.AsObject();
        (json["task_id"], json["command_id"]) = (taskId, commandId);
        return json.Deserialize(TypeOf(verb), WireJson.Options)!;
    }

    /// <summary>The message on condition that the task takes no step after this one.</summary>
    internal static object After(long sequence, string verb, object message)
    {
        var json = JsonSerializer.SerializeToNode(message, message.GetType(), WireJson.Options)!.AsObject();
        json["if_sequence"] = sequence;
        return json.Deserialize(TypeOf(verb), WireJson.Options)!;
    }

    private static Type TypeOf(string command) => command switch
    {
        "cancel" => typeof(CancelTask),
        "pause" => typeof(PauseTask),
        "resume" => typeof(ResumeTask),
        "hold" => typeof(HoldTask),
        "release" => typeof(ReleaseTask),
        "requeue" => typeof(RequeueTask),
        "retry" => typeof(RetryTask),
        "input" => typeof(ProvideInput),
        "amend" => typeof(AmendTask),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "not a command"),
    };

    private static string[] Own(string verb) => verb switch
    {
        "cancel" => ["cascade"],
        "pause" => ["release_resources", "extend_on_pause"],
        "resume" => ["checkpoint", "resume_token"],
        "input" => ["input", "key"],
        "amend" => ["priority", "deadline", "requirements", "metadata"],
        _ => [],
    };

    private static bool? Flag(JsonFields fields, string name)
    {
        if (fields.Any(name) is not { } member) { return null; }
        if (member.ValueKind is JsonValueKind.True or JsonValueKind.False) { return member.GetBoolean(); }
        fields.Wrong(fields.PointerOf(name), "true or false is expected");
        return null;
    }

    private static string? Checkpoint(JsonFields fields)
    {
        var token = fields.Text("checkpoint") ?? fields.Text("resume_token");
        if (token is not null && System.Text.Encoding.UTF8.GetByteCount(token) > TokenBytesMax)
        {
            fields.Wrong("#/checkpoint", "at most 64 KiB", ErrorKind.TooLarge);
        }

        return token;
    }

    private static JsonElement Input(JsonFields fields)
    {
        if (fields.Any("input") is not { } input)
        {
            fields.Wrong("#/input", "required: the answer to the agent's question");
            return default;
        }

        if (input.GetRawText().Length > TokenBytesMax) { fields.Wrong("#/input", "at most 64 KiB", ErrorKind.TooLarge); }
        return input;
    }

    private static string? Key(JsonFields fields)
    {
        var key = fields.Text("key");
        if (key is not null && !TaskRules.IsAgentId(key)) { fields.Wrong("#/key", "the key of the open question, 1 to 64 of A-Z a-z 0-9 . _ -"); }
        return key;
    }

    private static TaskAmendment Amendment(JsonFields fields, JsonElement? body, List<FieldError> errors)
    {
        var amendment = new TaskAmendment
        {
            Priority = Priority(fields),
            Deadline = fields.Time("deadline"),
            NoDeadline = body is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty("deadline", out var deadline)
                && deadline.ValueKind == JsonValueKind.Null,
            Requirements = Tasks.SubmissionReader.Requirements(fields, errors),
            Metadata = Tasks.SubmissionReader.Metadata(fields),
        };
        if (errors.Count == 0 && !amendment.ChangesPlace() && amendment.Metadata is null)
        {
            fields.Wrong("#", "nothing to change: send priority, deadline, requirements or metadata");
        }

        return amendment;
    }

    private static int? Priority(JsonFields fields)
    {
        if (fields.Any("priority") is not { } member) { return null; }
        var rank = member.ValueKind == JsonValueKind.String
            ? Array.IndexOf(PriorityNames, member.GetString()!.ToLowerInvariant())
            : fields.Whole("priority") ?? -1;
        if (rank is >= 1 and <= 4) { return rank; }
        fields.Wrong("#/priority", "1 to 4 or one of low, medium, high, critical; larger is more urgent");
        return null;
    }
}

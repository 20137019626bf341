using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>Reads what callers say about webhooks. Pure.</summary>
internal static class WebhookReader
{
    private const int EntriesMax = 50;
    private const int DescriptionMax = 500;
    private const int OverlapMaxS = 30 * 86400;

    /// <summary>A new webhook; what is wrong goes to <paramref name="errors"/>.</summary>
    public static WebhookRow? New(JsonElement body, WebhookOptions options, DateTimeOffset now, List<FieldError> errors)
    {
        var fields = new JsonFields(body, "#", errors, "url", "events", "task_types", "requesters", "description", "secret");
        var url = Url(fields, options);
        if (url is null && errors.Count == 0) { fields.Wrong("#/url", "is missing"); }
        var secret = Secret(fields) ?? WebhookSecret.Draw();
        var (events, types, requesters) = Filters(fields);
        var description = Description(fields);
        return errors.Count > 0 ? null : new WebhookRow
        {
            WebhookId = $"wh_{Guid.CreateVersion7(now):n}",
            Url = url!,
            Events = events ?? [],
            TaskTypes = types ?? [],
            Requesters = requesters ?? [],
            Description = description,
            Secret = secret,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    /// <summary>A webhook as the caller wants it.</summary>
    public static WebhookRow Changed(WebhookRow before, JsonElement body, WebhookOptions options, DateTimeOffset now, List<FieldError> errors)
    {
        var fields = new JsonFields(body, "#", errors, "url", "events", "task_types", "requesters", "description", "status");
        var (events, types, requesters) = Filters(fields);
        var after = before with
        {
            Url = Url(fields, options) ?? before.Url,
            Events = events ?? before.Events,
            TaskTypes = types ?? before.TaskTypes,
            Requesters = requesters ?? before.Requesters,
            Description = fields.Any("description") is null ? before.Description : Description(fields),
            Revision = before.Revision + 1,
            UpdatedAt = now,
        };
        if (fields.Word<WebhookState>("status") is not { } status) { return after; }
        if (status == WebhookState.Disabled) { fields.Wrong("#/status", "active or paused"); }
        return after with { State = status, Reason = null, FailingSince = status == WebhookState.Active ? null : before.FailingSince };
    }

    /// <summary>A webhook with another secret, and for a while with both.</summary>
    public static WebhookRow Rotated(WebhookRow before, JsonElement? body, WebhookOptions options, DateTimeOffset now, List<FieldError> errors)
    {
        var overlap = options.SecretOverlap;
        string? secret = null;
        if (body is { } given)
        {
            var fields = new JsonFields(given, "#", errors, "secret", "overlap_s");
            secret = Secret(fields);
            if (fields.Whole("overlap_s") is { } seconds)
            {
                if (seconds is < 0 or > OverlapMaxS) { fields.Wrong("#/overlap_s", $"0 to {OverlapMaxS} seconds"); }
                overlap = TimeSpan.FromSeconds(seconds);
            }
        }

        return before with
        {
            Secret = secret ?? WebhookSecret.Draw(),
            OldSecret = overlap > TimeSpan.Zero ? before.Secret : null,
            OldSecretUntil = overlap > TimeSpan.Zero ? now + overlap : null,
            Revision = before.Revision + 1,
            UpdatedAt = now,
        };
    }

    /// <summary>Which deliveries are to be sent again.</summary>
    public static DeliveryFilter Replay(string webhookId, JsonElement? body, int most, List<FieldError> errors)
    {
        var filter = new DeliveryFilter { WebhookId = webhookId, State = DeliveryState.Failed, Limit = most };
        if (body is not { } given) { return filter; }
        var fields = new JsonFields(given, "#", errors, "status", "since", "task_id", "limit");
        var taskId = fields.Text("task_id");
        if (taskId is not null && !TaskRules.IsTaskId(taskId)) { fields.Wrong("#/task_id", "a task id"); }
        var limit = fields.Whole("limit") ?? most;
        if (limit < 1 || limit > most) { fields.Wrong("#/limit", $"1 to {most}"); }
        return filter with
        {
            State = fields.Word<DeliveryState>("status") ?? DeliveryState.Failed,
            Since = fields.Time("since"),
            TaskId = taskId,
            Limit = limit,
        };
    }

    private static string? Url(JsonFields fields, WebhookOptions options)
    {
        if (fields.Text("url") is not { } url) { return null; }
        if (AddressRules.Refuse(url, options) is not { } refusal) { return url; }
        fields.Wrong("#/url", refusal);
        return null;
    }

    private static string? Secret(JsonFields fields)
    {
        if (fields.Text("secret") is not { } secret) { return null; }
        if (WebhookSecret.Read(secret) is not null) { return secret; }
        fields.Wrong("#/secret", "whsec_ and base64 of 24 to 64 bytes");
        return null;
    }

    private static string? Description(JsonFields fields)
    {
        var text = fields.Text("description", DescriptionMax);
        if (text?.Contains('\0', StringComparison.Ordinal) == true) { fields.Wrong("#/description", "no character U+0000"); }
        return text is { Length: 0 } ? null : text;
    }

    private static (IReadOnlyList<string>? Events, IReadOnlyList<string>? Types, IReadOnlyList<string>? Requesters) Filters(JsonFields fields) =>
        (Entries(fields, "events", TaskEventName.IsPattern, "one of " + string.Join(", ", TaskEventName.All) + ", or task.*"),
            Entries(fields, "task_types", TypePattern.IsPattern, "a type such as data.analysis or a prefix such as data.*"),
            Entries(fields, "requesters", TaskRules.IsTaskId, "an agent's id"));

    private static List<string>? Entries(JsonFields fields, string name, Func<string, bool> rule, string expected)
    {
        if (fields.Any(name) is not { } member) { return null; }
        if (member.ValueKind != JsonValueKind.Array || member.GetArrayLength() > EntriesMax)
        {
            fields.Wrong("#/" + name, $"an array of at most {EntriesMax} texts is expected");
            return null;
        }

        var entries = new List<string>();
        foreach (var (entry, i) in member.EnumerateArray().Select((entry, i) => (entry, i)))
        {
            if (entry.ValueKind == JsonValueKind.String && entry.GetString() is { } text && rule(text)) { entries.Add(text); }
            else { fields.Wrong($"#/{name}/{i}", expected); }
        }

        return [.. entries.Distinct(StringComparer.Ordinal)];
    }
}

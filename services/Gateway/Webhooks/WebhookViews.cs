using System.Text.Json;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>An address that events are sent to.</summary>
public sealed record WebhookView
{
    /// <summary>Names it.</summary>
    public required string WebhookId { get; init; }

    /// <summary>Where to.</summary>
    public required string Url { get; init; }

    /// <summary>Which events: names such as <c>task.completed</c>, or <c>task.*</c>; empty: all.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>Of which task types: names, or prefixes such as <c>data.*</c>; empty: all.</summary>
    public required IReadOnlyList<string> TaskTypes { get; init; }

    /// <summary>Of tasks of these requesters; empty: of all.</summary>
    public required IReadOnlyList<string> Requesters { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary><c>active</c>, <c>paused</c> by somebody, or <c>disabled</c> because it failed for too long or is gone.</summary>
    public required WebhookState Status { get; init; }

    /// <summary>Why it is disabled.</summary>
    public string? Reason { get; init; }

    /// <summary>Since when nothing got through; absent while it is well.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Only in the answer that made it: what deliveries are signed with. It is not shown again.</summary>
    public string? Secret { get; init; }

    /// <summary>Until when deliveries carry a second signature, by the secret before.</summary>
    public DateTimeOffset? PreviousSecretUntil { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>What can be done with it.</summary>
    public required WebhookLinks Links { get; init; }

    /// <summary>The view of a row.</summary>
    public static WebhookView Of(WebhookRow row, DateTimeOffset now, bool withSecret = false)
    {
        ArgumentNullException.ThrowIfNull(row);
        var id = TenantNames.Outside(row.WebhookId);
        var self = "/v1/webhooks/" + id;
        return new WebhookView
        {
            WebhookId = id,
            Url = row.Url,
            Events = row.Events,
            TaskTypes = row.TaskTypes,
            Requesters = row.Requesters,
            Description = row.Description,
            Status = row.State,
            Reason = row.Reason,
            FailingSince = row.FailingSince,
            Secret = withSecret ? row.Secret : null,
            PreviousSecretUntil = row.OldSecret is not null && row.OldSecretUntil > now ? row.OldSecretUntil : null,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
            Links = new WebhookLinks
            {
                Self = self,
                Deliveries = self + "/deliveries",
                Test = self + "/test",
                RotateSecret = self + "/rotate-secret",
                Replay = self + "/replay",
            },
        };
    }
}

/// <summary>Addresses of a webhook, relative to this server.</summary>
public sealed record WebhookLinks
{
    /// <summary>It.</summary>
    public required string Self { get; init; }

    /// <summary>What was and is to be sent.</summary>
    public required string Deliveries { get; init; }

    /// <summary>POST here to try it out.</summary>
    public required string Test { get; init; }

    /// <summary>POST here for another secret.</summary>
    public required string RotateSecret { get; init; }

    /// <summary>POST here to send many again.</summary>
    public required string Replay { get; init; }
}

/// <summary>All webhooks.</summary>
public sealed record WebhookListView
{
    /// <summary>The oldest first.</summary>
    public required IReadOnlyList<WebhookView> Webhooks { get; init; }
}

/// <summary>One event for one webhook.</summary>
public sealed record DeliveryView
{
    /// <summary>Names it.</summary>
    public required string DeliveryId { get; init; }

    /// <summary>Whom it is for.</summary>
    public required string WebhookId { get; init; }

    /// <summary>The event: the <c>webhook-id</c> of every attempt and the <c>id</c> of the CloudEvent.</summary>
    public required string EventId { get; init; }

    /// <summary>The type of the CloudEvent.</summary>
    public required string EventType { get; init; }

    /// <summary>The task that it is about.</summary>
    public string? TaskId { get; init; }

    /// <summary><c>pending</c>, <c>delivered</c>, or <c>failed</c> when the schedule is over.</summary>
    public required DeliveryState Status { get; init; }

    /// <summary>How many attempts there were.</summary>
    public required int Attempts { get; init; }

    /// <summary>When the next one is.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The HTTP status of the last attempt; absent: it got no answer.</summary>
    public int? LastStatus { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public string? LastError { get; init; }

    /// <summary>When it was written down.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it changed last.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The CloudEvent; not in a list.</summary>
    public JsonElement? Event { get; init; }

    /// <summary>Every attempt, in order; not in a list.</summary>
    public IReadOnlyList<DeliveryAttempt>? Log { get; init; }

    /// <summary>What can be done with it.</summary>
    public required DeliveryLinks Links { get; init; }

    /// <summary>The view of a row, as in a list.</summary>
    public static DeliveryView Of(DeliveryRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var webhookId = TenantNames.Outside(row.WebhookId);
        var self = $"/v1/webhooks/{webhookId}/deliveries/{row.DeliveryId}";
        return new DeliveryView
        {
            DeliveryId = row.DeliveryId,
            WebhookId = webhookId,
            EventId = row.EventId,
            EventType = row.EventType,
            TaskId = row.TaskId is { } task ? TenantNames.Outside(task) : null,
            Status = row.State,
            Attempts = row.Attempts,
            NextAttemptAt = row.State == DeliveryState.Pending ? row.NextAt : null,
            LastStatus = row.LastStatus,
            LastError = row.LastError,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
            Links = new DeliveryLinks { Self = self, Replay = self + "/replay" },
        };
    }

    /// <summary>The view of a row with everything.</summary>
    public static DeliveryView Of(DeliveryRow row, IReadOnlyList<DeliveryAttempt> attempts) => Of(row) with
    {
        Event = JsonSerializer.Deserialize<JsonElement>(row.Body, WireJson.Options),
        Log = attempts,
    };
}

/// <summary>Addresses of a delivery, relative to this server.</summary>
public sealed record DeliveryLinks
{
    /// <summary>It.</summary>
    public required string Self { get; init; }

    /// <summary>POST here to send it again.</summary>
    public required string Replay { get; init; }
}

/// <summary>One page of deliveries.</summary>
public sealed record DeliveryPageView : CursorPage
{
    /// <summary>The latest first.</summary>
    public required IReadOnlyList<DeliveryView> Deliveries { get; init; }
}

/// <summary>What a replay of many comes to.</summary>
public sealed record ReplayView
{
    /// <summary>Deliveries that are sent again.</summary>
    public required int Matched { get; init; }

    /// <summary>Whether there are more that match; ask again.</summary>
    public required bool More { get; init; }
}

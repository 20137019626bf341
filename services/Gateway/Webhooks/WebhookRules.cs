using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>Who gets which event, when an attempt is repeated, when an address is given up. Pure.</summary>
public static class WebhookRules
{
    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromDays(1);

    // Standard Webhooks 1.0, "Deliverability and reliability": the first attempt is made at once.
    private static readonly TimeSpan[] Standard =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>Whether a webhook gets an event.</summary>
    public static bool Wants(WebhookRow webhook, TaskEvent said)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        ArgumentNullException.ThrowIfNull(said);
        return webhook.State == WebhookState.Active
            && TenantNames.TenantOf(webhook.WebhookId) == TenantNames.TenantOf(said.Subject)
            && Any(webhook.Events, pattern => TypePattern.Covers(pattern, TaskEventName.FromType(said.Type)))
            && Any(webhook.TaskTypes, pattern => TypePattern.Covers(pattern, said.Data.TaskType)
                || TypePattern.Covers(pattern, TaskTypeName.Split(said.Data.TaskType).Name))
            && Any(webhook.Requesters, requester => requester == said.Data.RequesterAgentId);
    }

    /// <summary>What these webhooks get of these events; an event that comes twice is delivered once.</summary>
    public static IReadOnlyList<DeliveryRow> Deliveries(IEnumerable<WebhookRow> webhooks, IReadOnlyList<TaskEvent> events, DateTimeOffset now) =>
    [
        .. (from webhook in webhooks
            from said in events
            where Wants(webhook, said)
            select Delivery(webhook.WebhookId, said.Id, said.Type, said.Subject, JsonSerializer.Serialize(Outside(said), WireJson.Options), now))
            .DistinctBy(delivery => delivery.DeliveryId, StringComparer.Ordinal),
    ];

    /// <summary>A delivery that is due at once.</summary>
    public static DeliveryRow Delivery(string webhookId, string eventId, string eventType, string? taskId, string body, DateTimeOffset now) => new()
    {
        DeliveryId = $"dlv_{TaskKey.FromName($"webhook.delivery\n{webhookId}\n{eventId}"):n}",
        WebhookId = webhookId,
        EventId = eventId,
        EventType = eventType,
        TaskId = taskId,
        Body = body,
        NextAt = now,
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>A delivery after an attempt.</summary>
    /// <param name="delivery">As it was when the attempt began.</param>
    /// <param name="outcome">How it went.</param>
    /// <param name="delays">The pauses; empty: the standard's.</param>
    /// <param name="jitter">0..1: how much of a tenth is added to the pause.</param>
    /// <param name="now">After the attempt.</param>
    public static DeliveryRow After(DeliveryRow delivery, Outcome outcome, IEnumerable<TimeSpan> delays, double jitter, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        ArgumentNullException.ThrowIfNull(outcome);
        TimeSpan[] pauses = [.. delays];
        if (pauses.Length == 0) { pauses = Standard; }
        var after = delivery with
        {
            Tries = delivery.Tries + 1,
            Attempts = delivery.Attempts + 1,
            LastStatus = outcome.Status,
            LastError = outcome.Error,
            UpdatedAt = now,
            NextAt = null,
        };
        if (outcome.IsSuccess) { return after with { State = DeliveryState.Delivered }; }
        if (outcome.IsGone || after.Tries > pauses.Length) { return after with { State = DeliveryState.Failed }; }
        var pause = pauses[after.Tries - 1] * (1 + (Math.Clamp(jitter, 0, 1) / 10));
        var wanted = outcome.RetryAfter is { } wait ? TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, RetryAfterMax.Ticks)) : TimeSpan.Zero;
        return after with { State = DeliveryState.Pending, NextAt = now + (wanted > pause ? wanted : pause) };
    }

    /// <summary>0..1, other for each delivery and attempt: deliveries that failed together do not come back together.</summary>
    public static double Jitter(DeliveryRow delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return TaskKey.FromName($"webhook.jitter\n{delivery.DeliveryId}\n{delivery.Tries}").ToByteArray()[0] / 255.0;
    }

    /// <summary>A webhook after an attempt.</summary>
    public static WebhookRow After(WebhookRow webhook, Outcome outcome, TimeSpan disableAfter, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        ArgumentNullException.ThrowIfNull(outcome);
        if (outcome.IsSuccess) { return webhook.FailingSince is null ? webhook : webhook with { FailingSince = null, UpdatedAt = now }; }
        var since = webhook.FailingSince ?? now;
        var reason = webhook.State != WebhookState.Active ? null
            : outcome.IsGone ? "The receiver answered 410: it is gone."
            : now - since >= disableAfter ? $"Nothing got through since {since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; the last attempt: {outcome.Error}"
            : null;
        return reason is null
            ? webhook with { FailingSince = since, UpdatedAt = now }
            : webhook with { FailingSince = since, State = WebhookState.Disabled, Reason = reason, UpdatedAt = now };
    }

    // As its tenant knows it: what leaves the installation has no inside ids.
    private static TaskEvent Outside(TaskEvent said) => TenantNames.TenantOf(said.Subject) == TenantNames.Default ? said : said with
    {
        Subject = TenantNames.Outside(said.Subject),
        Data = said.Data with
        {
            TaskId = TenantNames.Outside(said.Data.TaskId),
            ParentTaskId = said.Data.ParentTaskId is { } parent ? TenantNames.Outside(parent) : null,
            CommandId = said.Data.CommandId is { } command ? TenantNames.Outside(command) : null,
        },
    };

    private static bool Any(IReadOnlyList<string> wanted, Func<string, bool> matches) => wanted.Count == 0 || wanted.Any(matches);
}

using A2A.Micro.Contracts.States;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>Webhooks and what was or is to be sent to them. Every implementation passes the same suite.</summary>
public interface IWebhookStore
{
    /// <summary>Keeps a new webhook; false when its tenant has <paramref name="most"/> already.</summary>
    Task<bool> Add(WebhookRow webhook, int most, CancellationToken cancellation);

    /// <summary>One of them; null when there is none of this name.</summary>
    Task<WebhookRow?> Find(string webhookId, CancellationToken cancellation);

    /// <summary>Those of a tenant, the oldest first.</summary>
    Task<IReadOnlyList<WebhookRow>> List(string tenant, CancellationToken cancellation);

    /// <summary>Whether any of any tenant is active.</summary>
    Task<bool> IsAnyActive(CancellationToken cancellation);

    /// <summary>Keeps a changed webhook in place of the one of the revision before; false when somebody else was faster or it is gone.</summary>
    Task<bool> Replace(WebhookRow webhook, CancellationToken cancellation);

    /// <summary>Forgets a webhook and its deliveries; false when there is none.</summary>
    Task<bool> Remove(string webhookId, CancellationToken cancellation);

    /// <summary>
    /// Writes down what the active webhooks get of these events and says how many deliveries are new. Idempotent by webhook and event.
    /// </summary>
    Task<int> Record(IReadOnlyList<TaskEvent> events, CancellationToken cancellation);

    /// <summary>Writes down one delivery; false when it is there already or its webhook is not.</summary>
    Task<bool> Enqueue(DeliveryRow delivery, CancellationToken cancellation);

    /// <summary>
    /// Takes what is due for active webhooks, for each at most <paramref name="perWebhook"/> less those that are <paramref name="busy"/>. Until
    /// <paramref name="claimFor"/> is over nobody else gets them; then, unless they were settled, whoever asks first does.
    /// </summary>
    Task<IReadOnlyList<(WebhookRow Webhook, DeliveryRow Delivery)>> TakeDue(
        IReadOnlyDictionary<string, int> busy, int perWebhook, TimeSpan claimFor, CancellationToken cancellation);

    /// <summary>Writes down how an attempt went: the delivery as it is now, the attempt, and what follows for the webhook.</summary>
    /// <returns>The webhook afterwards; null when it is gone.</returns>
    Task<WebhookRow?> Settle(DeliveryRow after, Outcome outcome, TimeSpan disableAfter, CancellationToken cancellation);

    /// <summary>One delivery with its attempts, in order; null when there is none of this name.</summary>
    Task<(DeliveryRow Delivery, IReadOnlyList<DeliveryAttempt> Attempts)?> FindDelivery(string deliveryId, CancellationToken cancellation);

    /// <summary>Deliveries without their bodies, the latest first.</summary>
    Task<IReadOnlyList<DeliveryRow>> Deliveries(DeliveryFilter filter, CancellationToken cancellation);

    /// <summary>Puts these deliveries into the line again, at the beginning of the schedule and due at once; says how many there were.</summary>
    Task<int> Replay(string webhookId, IReadOnlyCollection<string> deliveryIds, CancellationToken cancellation);

    /// <summary>Does something that must not be done while a webhook is active, or becomes so; false when one is.</summary>
    Task<bool> WhileNoneIsActive(Func<CancellationToken, Task> act, CancellationToken cancellation);

    /// <summary>How many deliveries are to come, and since when the first one that could be sent waits; null: none does.</summary>
    Task<(long Pending, DateTimeOffset? OldestDue)> Backlog(CancellationToken cancellation);

    /// <summary>Disables the active webhooks to which more deliveries are to come than <paramref name="most"/>.</summary>
    Task<int> DisableOverfull(int most, CancellationToken cancellation);

    /// <summary>Deletes what was delivered or has failed longer ago, at most <paramref name="limit"/>, and says how many.</summary>
    Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation);
}

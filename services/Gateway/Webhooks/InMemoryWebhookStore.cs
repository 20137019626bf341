using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>Webhooks inside the process; lost when it ends.</summary>
public sealed class InMemoryWebhookStore(TimeProvider clock) : IWebhookStore, IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, WebhookRow> _webhooks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeliveryRow> _deliveries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<DeliveryAttempt>> _attempts = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public Task<bool> Add(WebhookRow webhook, int most, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        var tenant = TenantNames.TenantOf(webhook.WebhookId);
        return Locked(
            () => _webhooks.Keys.Count(id => TenantNames.TenantOf(id) == tenant) < most && _webhooks.TryAdd(webhook.WebhookId, webhook), cancellation);
    }

    /// <inheritdoc />
    public Task<WebhookRow?> Find(string webhookId, CancellationToken cancellation) =>
        Locked(() => _webhooks.GetValueOrDefault(webhookId), cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyList<WebhookRow>> List(string tenant, CancellationToken cancellation) => Locked<IReadOnlyList<WebhookRow>>(() =>
    [
        .. _webhooks.Values.Where(one => TenantNames.TenantOf(one.WebhookId) == tenant)
            .OrderBy(one => one.CreatedAt).ThenBy(one => one.WebhookId, StringComparer.Ordinal),
    ], cancellation);

    /// <inheritdoc />
    public Task<bool> IsAnyActive(CancellationToken cancellation) =>
        Locked(() => _webhooks.Values.Any(one => one.State == WebhookState.Active), cancellation);

    /// <inheritdoc />
    public Task<bool> Replace(WebhookRow webhook, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        return Locked(() =>
        {
            if (_webhooks.GetValueOrDefault(webhook.WebhookId)?.Revision != webhook.Revision - 1) { return false; }
            _webhooks[webhook.WebhookId] = webhook;
            return true;
        }, cancellation);
    }

    /// <inheritdoc />
    public Task<bool> Remove(string webhookId, CancellationToken cancellation) => Locked(() =>
    {
        foreach (var delivery in _deliveries.Values.Where(one => one.WebhookId == webhookId).ToList()) { Forget(delivery.DeliveryId); }
        return _webhooks.Remove(webhookId);
    }, cancellation);

    /// <inheritdoc />
    public Task<int> Record(IReadOnlyList<TaskEvent> events, CancellationToken cancellation) => Locked(
        () => WebhookRules.Deliveries(_webhooks.Values, events, clock.GetUtcNow()).Count(delivery => _deliveries.TryAdd(delivery.DeliveryId, delivery)),
        cancellation);

    /// <inheritdoc />
    public Task<bool> Enqueue(DeliveryRow delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return Locked(() => _webhooks.ContainsKey(delivery.WebhookId) && _deliveries.TryAdd(delivery.DeliveryId, delivery), cancellation);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<(WebhookRow Webhook, DeliveryRow Delivery)>> TakeDue(
        IReadOnlyDictionary<string, int> busy, int perWebhook, TimeSpan claimFor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(busy);
        var now = clock.GetUtcNow();
        return Locked<IReadOnlyList<(WebhookRow, DeliveryRow)>>(() =>
        {
            var taken = (from webhook in _webhooks.Values
                         where webhook.State == WebhookState.Active
                         from delivery in _deliveries.Values
                             .Where(one => one.WebhookId == webhook.WebhookId && one.State == DeliveryState.Pending && one.NextAt <= now)
                             .OrderBy(one => one.NextAt).Take(Math.Max(0, perWebhook - busy.GetValueOrDefault(webhook.WebhookId)))
                         select (webhook, delivery)).ToList();
            foreach (var (_, delivery) in taken) { _deliveries[delivery.DeliveryId] = delivery with { NextAt = now + claimFor }; }
            return taken;
        }, cancellation);
    }

    /// <inheritdoc />
    public Task<WebhookRow?> Settle(DeliveryRow after, Outcome outcome, TimeSpan disableAfter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(after);
        ArgumentNullException.ThrowIfNull(outcome);
        return Locked(() =>
        {
            if (_deliveries.TryGetValue(after.DeliveryId, out var known))
            {
                var attempts = known.Attempts + 1;
                if (!_attempts.TryGetValue(after.DeliveryId, out var log)) { _attempts[after.DeliveryId] = log = []; }
                log.Add(new DeliveryAttempt(attempts, outcome.At, outcome.Status, outcome.Error, outcome.DurationMs));
                // What got through once is never undone by an attempt that came later and failed.
                var now = clock.GetUtcNow();
                _deliveries[after.DeliveryId] = (known.State == DeliveryState.Pending ? after : known) with { Attempts = attempts, UpdatedAt = now };
            }

            return _webhooks.TryGetValue(after.WebhookId, out var webhook)
                ? _webhooks[after.WebhookId] = WebhookRules.After(webhook, outcome, disableAfter, clock.GetUtcNow())
                : null;
        }, cancellation);
    }

    /// <inheritdoc />
    public Task<(DeliveryRow Delivery, IReadOnlyList<DeliveryAttempt> Attempts)?> FindDelivery(string deliveryId, CancellationToken cancellation) =>
        Locked<(DeliveryRow, IReadOnlyList<DeliveryAttempt>)?>(
            () => _deliveries.TryGetValue(deliveryId, out var delivery) ? (delivery, [.. _attempts.GetValueOrDefault(deliveryId) ?? []]) : null,
            cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyList<DeliveryRow>> Deliveries(DeliveryFilter filter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Locked<IReadOnlyList<DeliveryRow>>(() =>
        [
            .. _deliveries.Values.Where(one => Matches(one, filter))
                .OrderByDescending(one => one.CreatedAt).ThenBy(one => one.DeliveryId, StringComparer.Ordinal)
                .Take(filter.Limit).Select(one => one with { Body = "" }),
        ], cancellation);
    }

    /// <inheritdoc />
    public Task<int> Replay(string webhookId, IReadOnlyCollection<string> deliveryIds, CancellationToken cancellation) => Locked(() =>
    {
        var now = clock.GetUtcNow();
        var chosen = deliveryIds.Distinct().Select(id => _deliveries.GetValueOrDefault(id)).Where(one => one?.WebhookId == webhookId).ToList();
        foreach (var one in chosen)
        {
            _deliveries[one!.DeliveryId] = one with { State = DeliveryState.Pending, Tries = 0, NextAt = now, UpdatedAt = now };
        }

        return chosen.Count;
    }, cancellation);

    /// <inheritdoc />
    public async Task<bool> WhileNoneIsActive(Func<CancellationToken, Task> act, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(act);
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_webhooks.Values.Any(one => one.State == WebhookState.Active)) { return false; }
            await act(cancellation).ConfigureAwait(false);
            return true;
        }
        finally
        {
            _ = _gate.Release();
        }
    }

    /// <inheritdoc />
    public Task<(long Pending, DateTimeOffset? OldestDue)> Backlog(CancellationToken cancellation) => Locked(() =>
    {
        var now = clock.GetUtcNow();
        var pending = _deliveries.Values.Where(one => one.State == DeliveryState.Pending && _webhooks[one.WebhookId].State == WebhookState.Active).ToList();
        return ((long)pending.Count, pending.Where(one => one.NextAt <= now).Min(one => one.NextAt));
    }, cancellation);

    /// <inheritdoc />
    public Task<int> DisableOverfull(int most, CancellationToken cancellation) => Locked(() =>
    {
        var overfull = _webhooks.Values.Where(one => one.State == WebhookState.Active
            && _deliveries.Values.Count(delivery => delivery.WebhookId == one.WebhookId && delivery.State == DeliveryState.Pending) > most).ToList();
        foreach (var one in overfull)
        {
            _webhooks[one.WebhookId] = one with { State = WebhookState.Disabled, Reason = WebhookSql.Overfull(most), UpdatedAt = clock.GetUtcNow() };
        }

        return overfull.Count;
    }, cancellation);

    /// <inheritdoc />
    public Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation) => Locked(() =>
    {
        var horizon = clock.GetUtcNow() - age;
        var old = _deliveries.Values.Where(one => one.State != DeliveryState.Pending && one.UpdatedAt < horizon).Take(limit).ToList();
        foreach (var one in old) { Forget(one.DeliveryId); }
        return old.Count;
    }, cancellation);

    /// <inheritdoc />
    public void Dispose() => _gate.Dispose();

    private static bool Matches(DeliveryRow one, DeliveryFilter filter) =>
        one.WebhookId == filter.WebhookId
        && (filter.State is null || one.State == filter.State)
        && (filter.TaskId is null || one.TaskId == filter.TaskId)
        && (filter.Since is null || one.CreatedAt >= filter.Since)
        && (filter.After is not var (at, id) || one.CreatedAt < at || (one.CreatedAt == at && string.CompareOrdinal(one.DeliveryId, id) > 0));

    private void Forget(string deliveryId) => _ = _deliveries.Remove(deliveryId) | _attempts.Remove(deliveryId);

    private async Task<T> Locked<T>(Func<T> act, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try { return act(); }
        finally { _ = _gate.Release(); }
    }
}

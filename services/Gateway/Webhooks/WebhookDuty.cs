using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.Security.Audit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>
/// Sends what is due, for every webhook a few at once and each by itself: a slow receiver holds its own places and nobody else's. What is in hand when
/// the process dies is taken by another Gateway once the claim is over, so every delivery is made at least once.
/// </summary>
internal sealed class WebhookDuty(
    IWebhookStore store, WebhookSender sender, WebhookBell bell, IOptions<WebhookOptions> options, GatewayMetrics metrics, AuditLog audit,
    TimeProvider clock, ILogger<WebhookDuty> log) : BackgroundService
{
    private const int PurgeMax = 10_000;

    // Longer than an attempt can take, with the two writes around it.
    private static readonly TimeSpan ClaimMargin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PurgeEvery = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, int> _busy = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _attempts = [];
    private readonly Lock _gate = new();

    /// <summary>Begins what is due and returns; says how much it was.</summary>
    public async Task<int> SendDue(CancellationToken cancellation)
    {
        Dictionary<string, int> busy;
        lock (_gate) { busy = new Dictionary<string, int>(_busy, StringComparer.Ordinal); }
        var due = await store.TakeDue(busy, options.Value.AtOncePerWebhook, options.Value.Timeout + ClaimMargin, cancellation).ConfigureAwait(false);
        foreach (var (webhook, delivery) in due)
        {
            lock (_gate) { _busy[webhook.WebhookId] = _busy.GetValueOrDefault(webhook.WebhookId) + 1; }
            var attempt = Attempt(webhook, delivery, cancellation);
            lock (_gate) { _ = _attempts.Add(attempt); }
            _ = attempt.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return due.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (countAt, purgeAt) = (clock.GetUtcNow(), clock.GetUtcNow());
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await Quietly(async () => _ = await SendDue(stoppingToken).ConfigureAwait(false), stoppingToken).ConfigureAwait(false);
                var now = clock.GetUtcNow();
                if (now >= countAt) { (countAt, _) = (now + CountEvery, await Quietly(() => Count(stoppingToken), stoppingToken).ConfigureAwait(false)); }
                if (now >= purgeAt) { (purgeAt, _) = (now + PurgeEvery, await Quietly(() => Tidy(stoppingToken), stoppingToken).ConfigureAwait(false)); }
                await bell.Wait(options.Value.PollInterval, clock, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on.
        }

        Task[] left;
        lock (_gate) { left = [.. _attempts]; }
        await Task.WhenAll(left).ConfigureAwait(false);
    }

    private void Disabled(WebhookRow webhook)
    {
        WebhookLog.Disabled(log, webhook.WebhookId, webhook.Reason);
        audit.Take(new AuditEntry
        {
            At = clock.GetUtcNow(),
            Actor = "gateway",
            Tenant = TenantNames.TenantOf(webhook.WebhookId),
            Action = "disableWebhook",
            Object = TenantNames.Outside(webhook.WebhookId),
            Outcome = "done",
            Reason = webhook.Reason,
        });
    }

    private async Task Attempt(WebhookRow webhook, DeliveryRow delivery, CancellationToken cancellation)
    {
        try
        {
            Failpoints.Hit("webhook.before-send");
            var outcome = await sender.Send(webhook, delivery, cancellation).ConfigureAwait(false);
            Failpoints.Hit("webhook.after-send");
            var after = WebhookRules.After(delivery, outcome, options.Value.RetryDelays, WebhookRules.Jitter(delivery), clock.GetUtcNow());
            // What was sent is written down also while the process ends.
            var now = await store.Settle(after, outcome, options.Value.DisableAfter, CancellationToken.None).ConfigureAwait(false);
            metrics.CountDelivery(outcome.IsSuccess ? "delivered" : after.State == DeliveryState.Failed ? "failed" : "retried");
            if (!outcome.IsSuccess) { WebhookLog.AttemptFailed(log, delivery.DeliveryId, delivery.WebhookId, after.Tries, outcome.Error!); }
            if (webhook.State == WebhookState.Active && now?.State == WebhookState.Disabled) { Disabled(now); }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The claim runs out and somebody else sends it.
        }
#pragma warning disable CA1031 // whatever it is, the claim runs out and it is sent again
        catch (Exception e)
#pragma warning restore CA1031
        {
            WebhookLog.RoundFailed(log, e);
        }
        finally
        {
            lock (_gate)
            {
                if (--_busy[webhook.WebhookId] == 0) { _ = _busy.Remove(webhook.WebhookId); }
            }

            // There is a place again, and perhaps something waits for it.
            bell.Ring();
        }
    }

    private void Ended(Task attempt)
    {
        lock (_gate) { _ = _attempts.Remove(attempt); }
    }

    private async Task Count(CancellationToken cancellation)
    {
        var (pending, oldest) = await store.Backlog(cancellation).ConfigureAwait(false);
        metrics.SetWebhooks(pending, oldest is { } at ? Math.Max(0, (clock.GetUtcNow() - at).TotalSeconds) : 0);
    }

    private async Task Tidy(CancellationToken cancellation)
    {
        _ = await store.DisableOverfull(options.Value.PendingMax, cancellation).ConfigureAwait(false);
        while (await store.Purge(options.Value.KeepLogFor, PurgeMax, cancellation).ConfigureAwait(false) == PurgeMax) { }
    }

    private async Task<bool> Quietly(Func<Task> step, CancellationToken stopping)
    {
        try
        {
            await step().ConfigureAwait(false);
            return true;
        }
#pragma warning disable CA1031 // a duty that ends with its first bad round helps nobody; the next one tries again
        catch (Exception e) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            WebhookLog.RoundFailed(log, e);
            return false;
        }
    }
}

internal static partial class WebhookLog
{
    [LoggerMessage(3040, LogLevel.Information, "{DeliveryId} did not reach {WebhookId}, attempt {Tries}: {Error}")]
    public static partial void AttemptFailed(ILogger log, string deliveryId, string webhookId, int tries, string error);

    [LoggerMessage(3041, LogLevel.Warning, "{WebhookId} is disabled: {Reason}")]
    public static partial void Disabled(ILogger log, string webhookId, string? reason);

    [LoggerMessage(3042, LogLevel.Warning, "webhooks could not be worked on; the next round tries again")]
    public static partial void RoundFailed(ILogger log, Exception exception);

    [LoggerMessage(3043, LogLevel.Warning, "events cannot be subscribed to at the moment; the next round tries again")]
    public static partial void NotBound(ILogger log, Exception exception);
}

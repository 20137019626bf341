using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>
/// Keeps the binding of the webhooks' queue as the webhooks want it, whoever made or removed them and whatever broke in between. A webhook
/// that becomes active waits for it; the rest is done every few seconds.
/// </summary>
public sealed class BindingDuty(IWebhookStore store, IEventBinding binding, TimeProvider clock, ILogger<BindingDuty> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private bool _mayBeBound = true;

    /// <summary>A webhook has become active: returns when its events come, or when that must wait for a broker that is away.</summary>
    public Task Activate(CancellationToken cancellation) => Quietly(Bind, cancellation);

    /// <summary>One look.</summary>
    public Task Round(CancellationToken cancellation) => Quietly(async cancel =>
    {
        if (await store.IsAnyActive(cancel).ConfigureAwait(false)) { await Bind(cancel).ConfigureAwait(false); }
        else if (_mayBeBound && await store.WhileNoneIsActive(binding.Unbind, cancel).ConfigureAwait(false)) { _mayBeBound = false; }
    }, cancellation);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            do { await Round(stoppingToken).ConfigureAwait(false); }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Bound or not, it stays so: what comes meanwhile waits in the queue.
        }
    }

    // Also when it is bound as far as is known here: another Gateway may have found no webhooks a moment ago.
    private Task Bind(CancellationToken cancellation)
    {
        _mayBeBound = true;
        return binding.Bind(cancellation);
    }

    private async Task Quietly(Func<CancellationToken, Task> step, CancellationToken cancellation)
    {
        try { await step(cancellation).ConfigureAwait(false); }
#pragma warning disable CA1031 // whatever it is, the next round tries again
        catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            WebhookLog.NotBound(log, e);
        }
    }
}

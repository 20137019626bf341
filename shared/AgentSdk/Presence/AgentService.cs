using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.AgentSdk.Presence;

/// <summary>
/// The life of an agent within its host: known from the moment its queues are there, drained on SIGTERM while the bus still
/// runs, gone in good order.
/// </summary>
internal sealed class AgentService(
    AgentRuntime runtime, Queues queues, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger log)
    : IHostedLifecycleService, IDisposable
{
    // Handlers obey within a second; and a goodbye is worth only a moment, the lease says the same a little later.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource presence = new();
    private readonly Lock gate = new();
    private Task loop = Task.CompletedTask;
    private Task? draining;
    private CancellationTokenRegistration onStopping;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Several agents of a process drain at the same time: each begins here, not when the host gets round to it.
        onStopping = lifetime.ApplicationStopping.Register(() => _ = Drain());
        loop = Task.Run(Live, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await Drain().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = await runtime.Abandon(Moment, CancellationToken.None);
        await presence.CancelAsync();
        await loop;
        await Say(runtime.Leave, "AgentLeft");
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        onStopping.Dispose();
        presence.Dispose();
    }

    private async Task Live()
    {
        await queues.Ready.WaitAsync(presence.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await new Presence(runtime, clock, log).Run(presence.Token);
    }

    private Task Drain()
    {
        lock (gate) { return draining ??= DrainOnce(); }
    }

    private async Task DrainOnce()
    {
        await Task.Yield();
        var finished = runtime.Drain(CancellationToken.None);
        await Say(runtime.SayDraining, "AgentDraining");
        _ = await finished;
    }

    private async Task Say(Func<CancellationToken, Task> send, string name)
    {
        using var moment = new CancellationTokenSource(Moment, clock);
        try
        {
            await send(moment.Token).WaitAsync(moment.Token);
        }
        catch (Exception fault)
        {
            AgentLog.SendFailed(log, name, runtime.AgentId, Timeout.Infinite, fault.Message);
        }
    }
}

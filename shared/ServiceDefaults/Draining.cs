using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// The first thing that happens when the process is told to stop: readiness says no, while everything still works, for as long as a
/// load balancer needs to notice (<see cref="MicroHostOptions.DrainSeconds"/>).
/// </summary>
public sealed class Draining(IOptions<MicroHostOptions> options, TimeProvider clock) : IHostedLifecycleService
{
    private volatile bool _begun;
    private int _waited;

    /// <summary>Whether no new work should come here any more.</summary>
    public bool HasBegun => _begun;

    /// <summary>Turns readiness off for the rest of the process.</summary>
    public void Begin() => _begun = true;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        Begin();
        // A host is stopped again when it is disposed; the load balancer has looked by then.
        if (Interlocked.Exchange(ref _waited, 1) == 1) { return Task.CompletedTask; }
        return Task.Delay(TimeSpan.FromSeconds(options.Value.DrainSeconds), clock, cancellationToken)
            .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

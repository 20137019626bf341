using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace A2A.Micro.ServiceDefaults;

/// <summary>A message of a process to itself: whether what it says arrives, and whether it hears.</summary>
[MessageUrn("a2a:canary", useDefaultPrefix: false), EntityName("canary")]
public sealed record CanaryFlight
{
    /// <summary>Names it.</summary>
    public required Guid Id { get; init; }
}

/// <summary>
/// Sends a message through the broker to a queue of this process alone and waits for it: a bus can call itself healthy while its consumers have
/// stopped or nothing it publishes is confirmed. Who asks again within a few seconds gets the same answer, so probes cost the broker next to nothing.
/// </summary>
public sealed class Canary(IServiceProvider services, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _flying = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private (DateTimeOffset At, bool Arrived)? _last;

    /// <summary>Its queue, gone with the process.</summary>
    public string Queue { get; } = $"canary.{Guid.CreateVersion7(clock.GetUtcNow()):n}";

    /// <summary>Whether a message came back in time.</summary>
    public async Task<bool> Arrives(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var now = clock.GetUtcNow();
            // A failure is looked at again at once: ready again is ready.
            if (_last is { Arrived: true } known && now - known.At < KeptFor) { return true; }
            var arrived = await Fly(cancellation).ConfigureAwait(false);
            _last = (now, arrived);
            return arrived;
        }
        finally
        {
            _ = _gate.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _gate.Dispose();

    internal void Land(Guid id)
    {
        if (_flying.TryRemove(id, out var landing)) { _ = landing.TrySetResult(); }
    }

    private async Task<bool> Fly(CancellationToken cancellation)
    {
        var flight = new CanaryFlight { Id = Guid.CreateVersion7(clock.GetUtcNow()) };
        var landing = _flying[flight.Id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            var endpoint = await services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"exchange:{Queue}?temporary=true"))
                .WaitAsync(limit.Token).ConfigureAwait(false);
            await endpoint.Send(flight, context => context.TimeToLive = Patience, CancellationToken.None).WaitAsync(limit.Token).ConfigureAwait(false);
            await landing.Task.WaitAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
#pragma warning disable CA1031 // whatever it is, the message did not come back
        catch (Exception) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return false;
        }
        finally
        {
            _ = _flying.TryRemove(flight.Id, out _);
        }
    }
}

internal sealed class CanaryConsumer(Canary canary) : IConsumer<CanaryFlight>
{
    public Task Consume(ConsumeContext<CanaryFlight> context)
    {
        canary.Land(context.Message.Id);
        return Task.CompletedTask;
    }
}

internal sealed class CanaryConsumerDefinition : ConsumerDefinition<CanaryConsumer>
{
    public CanaryConsumerDefinition(Canary canary) => Endpoint(endpoint =>
    {
        endpoint.Name = canary.Queue;
        endpoint.Temporary = true;
        endpoint.ConfigureConsumeTopology = false;
    });
}

internal sealed class CanaryCheck(Canary canary) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        await canary.Arrives(cancellationToken).ConfigureAwait(false)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("a message of this process to itself did not come back through the broker in time");
}

internal static class CanaryRegistration
{
    public static void AddCanary(this IBusRegistrationConfigurator bus) => _ = bus.AddConsumer<CanaryConsumer, CanaryConsumerDefinition>();
}

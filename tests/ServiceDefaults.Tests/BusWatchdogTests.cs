using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace A2A.Micro.ServiceDefaults.Tests;

/// <summary>A bus that does not come back to its broker ends the process, and nothing else does.</summary>
public sealed class BusWatchdogTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly Life _host = new();
    private readonly int _exitCode = Environment.ExitCode;
    private BusHealthStatus _health = BusHealthStatus.Healthy;
    private bool _reachable = true;

    public void Dispose() => Environment.ExitCode = _exitCode;

    [Fact]
    public async Task A_bus_that_stays_away_from_a_broker_that_is_there_ends_the_process()
    {
        using var dog = Dog();
        _health = BusHealthStatus.Unhealthy;
        Assert.False(await dog.Look(default));
        _clock.Advance(TimeSpan.FromSeconds(119));
        Assert.False(await dog.Look(default));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await dog.Look(default));

        Assert.True(_host.IsStopped);
        Assert.Equal(BusWatchdog.ExitCode, Environment.ExitCode);
    }

    [Fact]
    public async Task A_broker_that_is_away_ends_nobody()
    {
        using var dog = Dog();
        (_health, _reachable) = (BusHealthStatus.Unhealthy, false);
        for (var hour = 0; hour < 5; hour++)
        {
            Assert.False(await dog.Look(default));
            _clock.Advance(TimeSpan.FromHours(1));
        }

        _reachable = true;
        Assert.False(await dog.Look(default));
        Assert.False(_host.IsStopped);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Patience_begins_anew_after_every_good_moment(bool bus)
    {
        using var dog = Dog();
        for (var round = 0; round < 4; round++)
        {
            _health = BusHealthStatus.Degraded;
            Assert.False(await dog.Look(default));
            _clock.Advance(TimeSpan.FromSeconds(100));
            Assert.False(await dog.Look(default));
            (_health, _reachable) = bus ? (BusHealthStatus.Healthy, true) : (BusHealthStatus.Degraded, false);
            Assert.False(await dog.Look(default));
            _reachable = true;
        }

        Assert.False(_host.IsStopped);
    }

    private BusWatchdog Dog() => new(
        () => _health, _ => Task.FromResult(_reachable), TimeSpan.FromSeconds(120), _host, _clock, NullLogger<BusWatchdog>.Instance);

    private sealed class Life : IHostApplicationLifetime
    {
        public bool IsStopped { get; private set; }

        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => IsStopped = true;
    }
}

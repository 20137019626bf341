namespace A2A.Micro.Testing.Tests;

public sealed class ManualClockTests
{
    private readonly ManualClock clock = new();

    [Fact]
    public void Timers_fire_in_the_order_in_which_they_fall_due_each_at_its_own_time()
    {
        var start = clock.GetUtcNow();
        var fired = new List<(string Name, double Seconds)>();
        using var late = Timer("late", seconds: 5);
        using var early = Timer("early", seconds: 2);
        using var never = Timer("never", seconds: 60);

        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal([("early", 2.0), ("late", 5.0)], fired);
        Assert.Equal(start.AddSeconds(10), clock.GetUtcNow());
        Assert.Equal(1, clock.ArmedTimers);

        ITimer Timer(string name, int seconds) => clock.CreateTimer(
            _ => fired.Add((name, (clock.GetUtcNow() - start).TotalSeconds)), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public void A_periodic_timer_fires_once_for_every_period_until_it_is_disposed()
    {
        var fired = 0;
        using (clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)))
        {
            clock.Advance(TimeSpan.FromSeconds(6));
        }

        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(3, fired);
    }

    [Fact]
    public async Task A_delay_on_the_clock_ends_when_the_clock_gets_there_and_not_before()
    {
        var delay = Task.Delay(TimeSpan.FromMinutes(1), clock, CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(delay.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        await delay.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public void A_timer_that_arms_another_one_inside_the_span_sees_it_fire()
    {
        var second = false;
        ITimer? inner = null;
        using var outer = clock.CreateTimer(
            _ => inner = clock.CreateTimer(_ => second = true, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan),
            null,
            TimeSpan.FromSeconds(1),
            Timeout.InfiniteTimeSpan);
        clock.Advance(TimeSpan.FromSeconds(2));
        inner?.Dispose();
        Assert.True(second);
    }

    [Fact]
    public void Time_does_not_run_backwards() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.Advance(TimeSpan.FromTicks(-1)));
}

namespace A2A.Micro.AgentSdk.Attempts;

/// <summary>Cancels the work of an attempt when its deadline passes.</summary>
internal sealed class DeadlineGuard : IDisposable
{
    // A timer cannot wait longer than 49 days; a deadline may.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private readonly ITimer? timer;
    private readonly TimeProvider clock;
    private readonly Cancellation cancellation;
    private readonly DateTimeOffset deadline;

    public DeadlineGuard(DateTimeOffset? deadline, Cancellation cancellation, TimeProvider clock)
    {
        (this.clock, this.cancellation, this.deadline) = (clock, cancellation, deadline ?? DateTimeOffset.MaxValue);
        if (deadline is null) { return; }
        timer = clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Look();
    }

    public void Dispose() => timer?.Dispose();

    private void Look()
    {
        var left = deadline - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            cancellation.Cancel(CancelReason.Deadline);
            return;
        }

        // One millisecond more than what is left: a timer that fires early must not spin.
        _ = timer?.Change(left < Longest ? left + TimeSpan.FromMilliseconds(1) : Longest, Timeout.InfiniteTimeSpan);
    }
}

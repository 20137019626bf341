namespace A2A.Micro.AgentSdk.Presence;

/// <summary>
/// How long this agent may believe that its attempts are its own. Counted on the monotonic clock from the send time of the last
/// confirmed heartbeat, so that a slow confirmation never lengthens it (G5). Pure but for the timestamps it is given.
/// </summary>
internal sealed class Lease(TimeSpan trust, TimeProvider clock)
{
    private long renewedAt = clock.GetTimestamp();

    /// <summary>What is left of it; zero when it is lost.</summary>
    public TimeSpan Left(long now)
    {
        var left = trust - clock.GetElapsedTime(renewedAt, now);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>A message that was sent then has been confirmed.</summary>
    public void Renew(long sentAt) => renewedAt = Math.Max(renewedAt, sentAt);
}

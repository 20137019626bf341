using Microsoft.Extensions.Logging;

namespace A2A.Micro.AgentSdk.Presence;

/// <summary>
/// Keeps an agent known: announces it, renews its lease off the handlers' threads, and stops the work when it cannot renew.
/// One loop, because each of these depends on what the one before it found out.
/// </summary>
internal sealed class Presence(AgentRuntime runtime, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly AgentOptions options = runtime.Options;
    private readonly Lease lease = new(runtime.Options.Trust, clock);

    /// <summary>Runs until the token fires.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        try
        {
            await Announce(cancellationToken);
            while (true)
            {
                var left = lease.Left(clock.GetTimestamp());
                var sent = await Try(runtime.Beat, "AgentHeartbeat", left, cancellationToken);
                left = lease.Left(clock.GetTimestamp());
                if (left == TimeSpan.Zero)
                {
                    runtime.LoseLease();
                    await Announce(cancellationToken);
                    continue;
                }

                var pause = sent || AfterFailure > options.Heartbeat ? options.Heartbeat : AfterFailure;
                await Task.Delay(pause < left ? pause : left, clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The agent leaves.
        }
    }

    private async Task Announce(CancellationToken cancellationToken)
    {
        while (!await Try(runtime.Announce, "AnnounceAgent", options.Trust, cancellationToken))
        {
            await Task.Delay(AfterFailure, clock, cancellationToken);
        }
    }

    // Bounded by a timer of its own: a send may hang for as long as the broker is away.
    private async Task<bool> Try(
        Func<CancellationToken, Task> send, string name, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (patience <= TimeSpan.Zero) { return false; }
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sentAt = clock.GetTimestamp();
        try
        {
            await send(enough.Token).WaitAsync(patience, clock, cancellationToken);
            lease.Renew(sentAt);
            return true;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            AgentLog.SendFailed(log, name, runtime.AgentId, AfterFailure.TotalMilliseconds, fault.Message);
            await enough.CancelAsync();
            return false;
        }
    }
}

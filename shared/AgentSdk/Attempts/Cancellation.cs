using System.Diagnostics.CodeAnalysis;

namespace A2A.Micro.AgentSdk.Attempts;

/// <summary>A cancellation that knows why. The first reason stays.</summary>
[SuppressMessage(
    "Design", "CA1001", Justification = "No timer, no wait handle; and a late Cancel must not meet a disposed source.")]
internal sealed class Cancellation
{
    private readonly CancellationTokenSource source = new();
    private int reason;
    private Task delivered = Task.CompletedTask;

    public CancellationToken Token => source.Token;

    public CancelReason Reason => (CancelReason)Volatile.Read(ref reason);

    /// <summary>Ends when every callback that a handler registered has run.</summary>
    public Task Delivered => Volatile.Read(ref delivered);

    /// <summary>Cancels; callbacks of the handler run elsewhere, so that a slow one cannot hold up the caller.</summary>
    public void Cancel(CancelReason why)
    {
        const int None = (int)CancelReason.None;
        if (Interlocked.CompareExchange(ref reason, (int)why, None) != None) { return; }
        Volatile.Write(ref delivered, source.CancelAsync());
    }
}

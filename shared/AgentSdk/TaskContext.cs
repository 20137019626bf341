using System.Text;
using System.Text.Json;
using A2A.Micro.AgentSdk.Attempts;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk;

/// <summary>One attempt at one task as its handler sees it: what is known, how to report, when to stop. Safe from any thread.</summary>
public sealed class TaskContext
{
    /// <summary>Longest resume token in bytes of UTF-8 (R13).</summary>
    public const int ResumeTokenMax = 64 * 1024;

    private readonly OfferTask offer;
    private readonly Cancellation cancellation;
    private readonly ITaskReports reports;
    private readonly Lock gate = new();
    private double reached;

    internal TaskContext(OfferTask offer, Cancellation cancellation, ITaskReports reports, CancellationToken shutdown)
    {
        (this.offer, this.cancellation, this.reports, ShutdownToken) = (offer, cancellation, reports, shutdown);
    }

    /// <summary>The task; the same over all attempts, so the key for outside effects.</summary>
    public string TaskId => offer.TaskId;

    /// <summary>Which attempt this is: a fencing token for stores that accept one (G5).</summary>
    public int Attempt => offer.Attempt;

    /// <summary>The agent that works.</summary>
    public string AgentId => offer.AgentId;

    /// <summary>The type that was asked for; of interest where a handler covers a pattern.</summary>
    public string TaskType => offer.TaskType;

    /// <summary>The work must be finished by then; the SDK cancels it when it is not.</summary>
    public DateTimeOffset? Deadline => offer.Deadline;

    /// <summary>Free context of the submitter.</summary>
    public JsonElement? Metadata => offer.Metadata;

    /// <summary>What is reserved for this attempt.</summary>
    public Requirements? Requirements => offer.Requirements;

    /// <summary>Fires when the work must stop; <see cref="CancelReason"/> says why.</summary>
    public CancellationToken CancellationToken => cancellation.Token;

    /// <summary>Why the work must stop; <see cref="CancelReason.None"/> while it need not.</summary>
    public CancelReason CancelReason => cancellation.Reason;

    /// <summary>Fires when the process is asked to end: a good moment for a checkpoint. The work may go on for the grace.</summary>
    public CancellationToken ShutdownToken { get; }

    /// <summary>
    /// Says how far the work is. Cheap, never waits and never fails because of the bus: only the newest value is kept, and sent
    /// at most four times a second. A value below the last one counts as the last one (R5).
    /// </summary>
    /// <param name="fraction">0..1.</param>
    /// <param name="message">What the agent is doing, for a person; cut at 2 kB.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is not within 0..1.</exception>
    public void Progress(double fraction, string? message = null)
    {
        CheckFraction(fraction, nameof(fraction));
        lock (gate)
        {
            reached = Math.Max(reached, fraction);
            reports.Progress(reached, message is null ? null : Text.Cut(message));
        }
    }

    /// <summary>Hands over a part of the result, and where another attempt may go on from. Waits until it is sent.</summary>
    /// <param name="data">What there is so far; at most 1 MiB as JSON.</param>
    /// <param name="portion">How much of the whole it is, 0..1.</param>
    /// <param name="resumeToken">Opaque, at most 64 KiB (R13).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="portion"/> is not within 0..1.</exception>
    /// <exception cref="ArgumentException">The data or the token is over its limit.</exception>
    public Task Partial(object data, double portion, string? resumeToken = null)
    {
        CheckFraction(portion, nameof(portion));
        if (resumeToken is not null && Encoding.UTF8.GetByteCount(resumeToken) > ResumeTokenMax)
        {
            throw new ArgumentException("the resume token is over 64 KiB", nameof(resumeToken));
        }

        return HandlerJson.TryWrite(data, data.GetType(), out var element)
            ? reports.Partial(element, portion, resumeToken, CancellationToken)
            : throw new ArgumentException("the partial result is over 1 MiB", nameof(data));
    }

    /// <summary>Runs blocking or CPU-bound work on a thread of its own, so that heartbeats and other tasks are not starved.</summary>
    public Task<T> OnOwnThread<T>(Func<CancellationToken, T> work)
    {
        var token = CancellationToken;
        return Task.Factory.StartNew(() => work(token), token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static void CheckFraction(double value, string name)
    {
        if (value is not (>= 0 and <= 1)) { throw new ArgumentOutOfRangeException(name, value, "must be within 0..1"); }
    }
}

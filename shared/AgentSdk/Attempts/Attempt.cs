using System.Diagnostics;
using A2A.Micro.AgentSdk.Offers;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk.Attempts;

/// <summary>One attempt that this agent accepted, from the acceptance until its end is reported.</summary>
internal sealed class Attempt(OpenedOffer opened, IWork work, ActivityContext parent, Attempt? parked = null)
{
    // Go on where they were after a pause in the same attempt: old ones are told from new ones by them.
    private int checkpoints = parked?.checkpoints ?? 0;
    private int partials = parked?.partials ?? 0;

    public OfferTask Offer => Opened.Offer;

    /// <summary>The offer with its secrets opened.</summary>
    public OpenedOffer Opened { get; } = opened;

    /// <summary>The way out for everything that may hold a secret.</summary>
    public TaskSecrets Secrets => Opened.Secrets;

    public AttemptKey Key { get; } = new(opened.Offer.TaskId, opened.Offer.Attempt);

    public IWork Work { get; } = work;

    /// <summary>The trace of the offer.</summary>
    public ActivityContext Parent { get; } = parent;

    /// <summary>Asks the handler to pause, and answers its questions.</summary>
    public Dialogue Dialogue { get; } = new(opened.Offer.Inputs);

    /// <summary>Stops the handler.</summary>
    public Cancellation Cancellation { get; } = new();

    /// <summary>Stops the reporting too: nobody wants to hear of this attempt, or the process ends.</summary>
    public CancellationTokenSource Silence { get; } = new();

    /// <summary>Completes when the acceptance is on the wire, or will never be.</summary>
    public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The whole pipeline of the attempt.</summary>
    public Task Completion { get; set; } = Task.CompletedTask;

    /// <summary>Cancel commands to acknowledge when the handler has stopped; guarded by the register.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>Pause commands to acknowledge when the handler has stopped; guarded by the register.</summary>
    public List<string> Pauses { get; } = [];

    /// <summary>A pause wants the room kept: the slot stays taken; guarded by the register.</summary>
    public bool KeepsRoom { get; set; }

    /// <summary>Nothing runs, but the slot is kept until the task is resumed or withdrawn; guarded by the register.</summary>
    public bool Parked { get; set; }

    /// <summary>The handler has returned; guarded by the register.</summary>
    public bool Stopped { get; set; }

    /// <summary>The number of the next partial result.</summary>
    public int NextPartial() => Interlocked.Increment(ref partials);

    /// <summary>The number of the next checkpoint.</summary>
    public int NextCheckpoint() => Interlocked.Increment(ref checkpoints);

    /// <summary>Takes the attempt away without a word to anybody.</summary>
    public void Drop(CancelReason reason)
    {
        Cancellation.Cancel(reason);
        Silence.Cancel();
    }
}

using A2A.Micro.AgentSdk.Offers;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk.Attempts;

/// <summary>
/// What an agent works on and what it answered before. Everything that must be seen as one step (decide and take; stop and
/// look for cancel commands) happens here under one lock. Says nothing to anybody.
/// </summary>
internal sealed class AttemptRegister(int remembered = AttemptRegister.Remembered)
{
    /// <summary>How many answers are kept for offers that the bus delivers again.</summary>
    public const int Remembered = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<AttemptKey, Attempt> held = [];
    private readonly AnswerMemory answers = new(remembered);
    private bool draining;

    /// <summary>Handlers that run now.</summary>
    public int Busy
    {
        get
        {
            lock (gate) { return CountBusy(); }
        }
    }

    /// <summary>Takes an offer that was given before as what it is; null when it is new.</summary>
    public Taken? Recall(AttemptKey key)
    {
        lock (gate) { return RecallHere(key); }
    }

    /// <summary>Decides with the load of this moment, and takes the slot in the same step.</summary>
    public Taken Take(OfferTask offer, Func<Load, AcceptanceDecision> decide, Func<Attempt> create)
    {
        var key = new AttemptKey(offer.TaskId, offer.Attempt);
        lock (gate)
        {
            if (RecallHere(key) is { } known) { return known; }
            if (decide(new Load(CountBusy(), draining)) is AcceptanceDecision.Rejected no)
            {
                var rejection = new TaskRejected
                {
                    TaskId = offer.TaskId,
                    Attempt = offer.Attempt,
                    AgentId = offer.AgentId,
                    Code = no.Reason,
                    Reason = Text.Cut(no.Sentence),
                };
                answers.Keep(key, rejection);
                return new Taken(null, rejection, IsNew: true);
            }

            answers.Keep(key, null);
            return new Taken(held[key] = create(), null, IsNew: true);
        }
    }

    /// <summary>The handler has returned: its slot is free, and from now on a cancel comes too late. The commands that came in time.</summary>
    public Wishes Stop(Attempt attempt)
    {
        lock (gate)
        {
            attempt.Stopped = true;
            return new Wishes([.. attempt.Commands], [.. attempt.Pauses], attempt.KeepsRoom);
        }
    }

    /// <summary>Keeps the slot of a paused attempt; unless it was taken away meanwhile.</summary>
    public void Park(Attempt attempt)
    {
        lock (gate) { (attempt.Stopped, attempt.Parked) = (false, !attempt.Silence.IsCancellationRequested); }
    }

    /// <summary>Takes a parked attempt up again, as the one that is made; null when none is parked.</summary>
    public Attempt? Unpark(string taskId, int? attempt, Func<Attempt, Attempt> create)
    {
        lock (gate)
        {
            var parked = held.Values.FirstOrDefault(each => each.Parked && each.Key.TaskId == taskId && (attempt ?? each.Key.Attempt) == each.Key.Attempt);
            return parked is null ? null : held[parked.Key] = create(parked);
        }
    }

    /// <summary>Gives up what is parked: nothing runs that could end by itself.</summary>
    public void ForgetParked(Func<Attempt, bool> which)
    {
        lock (gate)
        {
            foreach (var parked in held.Values.Where(each => each.Parked && which(each)).ToArray()) { _ = held.Remove(parked.Key); }
        }
    }

    /// <summary>Notes that a running handler shall pause and keeps the command for its acknowledgement; null when nothing runs.</summary>
    public Attempt? Pause(string taskId, int? attempt, string commandId, bool keepRoom)
    {
        lock (gate)
        {
            if (RunningOf(taskId, attempt) is not { } found) { return null; }
            if (!found.Pauses.Contains(commandId)) { found.Pauses.Add(commandId); }
            found.KeepsRoom |= keepRoom;
            return found;
        }
    }

    /// <summary>The end of the attempt is reported, or never will be; a parked one stays, and so does one that took its place.</summary>
    public void Forget(Attempt attempt)
    {
        lock (gate)
        {
            if (!attempt.Parked && held.GetValueOrDefault(attempt.Key) == attempt) { _ = held.Remove(attempt.Key); }
        }
    }

    /// <summary>Asks a running handler to stop and keeps the command for its acknowledgement; null when nothing runs.</summary>
    public Attempt? Cancel(string taskId, int? attempt, string commandId)
    {
        lock (gate)
        {
            if (RunningOf(taskId, attempt) is not { } found) { return null; }
            if (!found.Commands.Contains(commandId)) { found.Commands.Add(commandId); }
            return found;
        }
    }

    /// <summary>The attempt, while it is held.</summary>
    public Attempt? Find(AttemptKey key)
    {
        lock (gate) { return held.GetValueOrDefault(key); }
    }

    /// <summary>Everything that is held, reports under way included.</summary>
    public IReadOnlyList<Attempt> All()
    {
        lock (gate) { return [.. held.Values]; }
    }

    /// <summary>What a heartbeat names.</summary>
    public IReadOnlyList<RunningAttempt> Running() =>
        [.. All().Select(each => new RunningAttempt { TaskId = each.Key.TaskId, Attempt = each.Key.Attempt })];

    /// <summary>Nothing new from now on.</summary>
    public void Drain()
    {
        lock (gate) { draining = true; }
    }

    private Attempt? RunningOf(string taskId, int? attempt) => held.Values.FirstOrDefault(each =>
        each.Key.TaskId == taskId && (attempt ?? each.Key.Attempt) == each.Key.Attempt && !each.Stopped && !each.Parked);

    // A slot that is to be kept is not free for the moment between the handler's end and the parking either.
    private int CountBusy() => held.Values.Count(each => !each.Stopped || each.KeepsRoom);

    private Taken? RecallHere(AttemptKey key) =>
        held.TryGetValue(key, out var attempt) ? new Taken(attempt, null, IsNew: false)
        : answers.TryRecall(key, out var rejection) ? new Taken(null, rejection, IsNew: false)
        : null;
}

/// <summary>What had been asked of an attempt when its handler stopped.</summary>
/// <param name="Cancels">Cancel commands to acknowledge.</param>
/// <param name="Pauses">Pause commands to acknowledge.</param>
/// <param name="KeepsRoom">Whether the slot stays taken after a pause.</param>
internal sealed record Wishes(IReadOnlyList<string> Cancels, IReadOnlyList<string> Pauses, bool KeepsRoom)
{
    public static Wishes None { get; } = new([], [], false);
}

/// <summary>How busy the agent is at the moment of a decision.</summary>
internal readonly record struct Load(int Busy, bool Draining);

/// <summary>What became of an offer: rejected, or accepted and, while it is held, its attempt.</summary>
internal sealed record Taken(Attempt? Attempt, TaskRejected? Rejection, bool IsNew);

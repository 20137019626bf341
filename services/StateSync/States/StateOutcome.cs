using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.States;

/// <summary>What one message did to the record of its task.</summary>
public sealed record StateOutcome
{
    /// <summary>The record afterwards.</summary>
    public required TaskRecord Record { get; init; }

    /// <summary>The new versions, in order.</summary>
    public IReadOnlyList<NumberedChange> Changes { get; init; } = [];

    /// <summary>What was refused: the message itself, or one that it released.</summary>
    public IReadOnlyList<Refusal> Refusals { get; init; } = [];

    /// <summary>
    /// The message was applied before, as this sequence. Its notifications may have been lost with the process that committed it:
    /// everything of that commit is announced again.
    /// </summary>
    public long? RepeatedSequence { get; init; }

    /// <summary>A report that was applied before: this version is announced again, for the same reason.</summary>
    public StateChanged? Again { get; init; }

    /// <summary>It came too early and waits.</summary>
    public bool HeldBack { get; init; }
}

/// <summary>A version, with the Scheduler's number of the step that made it.</summary>
/// <param name="Sequence">Null when a report of an agent made it.</param>
/// <param name="Change">What changed.</param>
public sealed record NumberedChange(long? Sequence, TaskChange Change);

/// <summary>What a store answers for one message, after the commit.</summary>
public sealed record StateAnswer
{
    /// <summary>New versions, in order.</summary>
    public IReadOnlyList<TaskChange> Changes { get; init; } = [];

    /// <summary>Versions of earlier deliveries that are announced once more; a notification is harmless twice.</summary>
    public IReadOnlyList<StateChanged> Again { get; init; } = [];

    /// <summary>The document afterwards, perhaps without what may be large; null when there is none yet.</summary>
    public TaskDocument? Document { get; init; }

    /// <summary>What was refused.</summary>
    public IReadOnlyList<Refusal> Refusals { get; init; } = [];

    /// <summary>It came too early and waits.</summary>
    public bool HeldBack { get; init; }

    /// <summary>The message ended the task, or did so when it came before: what was said after the end does not say it once more.</summary>
    public bool Ends { get; init; }

    /// <summary>The whole document as JSON text, for the notification of the last change; null unless it ended the task and is small.</summary>
    public string? Whole { get; init; }

    /// <summary>One notification per version (requirement 35).</summary>
    public IEnumerable<StateChanged> Announcements => Again.Concat(Changes.Select((change, i) => new StateChanged
    {
        TaskId = change.TaskId,
        Version = change.Version,
        Timestamp = change.At,
        State = change.State,
        Document = i == Changes.Count - 1 ? Whole : null,
    }));

    /// <summary>The answer for an outcome that has been committed.</summary>
    public static StateAnswer Of(StateOutcome outcome, IReadOnlyList<StateChanged> again) => new()
    {
        Changes = [.. outcome.Changes.Select(change => change.Change)],
        Again = outcome.Again is { } one ? [.. again, one] : again,
        Document = outcome.Record.Document,
        Refusals = outcome.Refusals,
        HeldBack = outcome.HeldBack,
        Ends = again.Any(said => said.State.IsTerminal())
            || outcome.Changes.Any(made => made.Sequence is not null && made.Change.State.IsTerminal()),
    };
}

namespace A2A.Micro.StateSync.States;

/// <summary>Says what became of documents.</summary>
public interface IStateAnnouncer
{
    /// <summary>
    /// Publishes one notification per version, in the order of the versions of each task; those that are ready at the same time in one
    /// message. A notification that goes out twice is recognised by task and version.
    /// </summary>
    Task Announce(IReadOnlyList<(string TaskId, StateAnswer Answer)> answers, CancellationToken cancellation);
}

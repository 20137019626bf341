namespace A2A.Micro.StateSync.States;

/// <summary>One task within one round of <see cref="PostgresStateStore"/>: its record as it was read and as it will be written.</summary>
internal sealed class TaskWork(string taskId, TaskRecord before)
{
    private readonly List<NumberedChange> _changes = [];

    public string TaskId { get; } = taskId;

    public TaskRecord Before { get; } = before;

    public TaskRecord After { get; private set; } = before;

    public IReadOnlyList<NumberedChange> Changes => _changes;

    public bool IsChanged => !ReferenceEquals(Before, After);

    public StateOutcome Apply(StateInput input, DateTimeOffset now)
    {
        var outcome = StateRules.Apply(After, input, now);
        After = outcome.Record;
        _changes.AddRange(outcome.Changes);
        return outcome;
    }
}

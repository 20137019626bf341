using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.States;

/// <summary>What can change the public document of a task. Closed: one of those below.</summary>
public abstract record StateInput
{
    private StateInput()
    {
    }

    /// <summary>The task that it is about.</summary>
    public abstract string TaskId { get; }

    /// <summary>A numbered step of the Scheduler.</summary>
    public sealed record Transition(TaskTransitioned Message) : StateInput
    {
        /// <inheritdoc />
        public override string TaskId => Message.TaskId;
    }

    /// <summary>How far an agent is.</summary>
    public sealed record Status(TaskStatusUpdate Message) : StateInput
    {
        /// <inheritdoc />
        public override string TaskId => Message.TaskId;
    }

    /// <summary>A part of a result.</summary>
    public sealed record Partial(TaskPartial Message) : StateInput
    {
        /// <inheritdoc />
        public override string TaskId => Message.TaskId;
    }

    /// <summary>The document differs from its history, which is what happened.</summary>
    /// <param name="TaskId">The task.</param>
    /// <param name="Seen">The version of the document that differs; another one is left alone.</param>
    /// <param name="History">All its versions, in order.</param>
    public sealed record Mend(string TaskId, long Seen, IReadOnlyList<TaskChange> History) : StateInput
    {
        /// <inheritdoc />
        public override string TaskId { get; } = TaskId;
    }
}

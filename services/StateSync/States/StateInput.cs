using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.States;

/// <summary>What can change the public document of a task. Closed: one of the three below.</summary>
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
}

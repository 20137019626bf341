using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.StateSync.Events;

/// <summary>The event that a version of a document is to others. Pure.</summary>
public static class TaskEvents
{
    // A webhook's body is to stay below 20 KB.
    private const int DataLengthMax = 8 * 1024;

    /// <summary>The event of a version; <paramref name="document"/> is of this version or of another of the same task.</summary>
    public static TaskEvent Of(TaskChange change, TaskDocument document)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(document);
        return new TaskEvent
        {
            Id = IdOf(change.TaskId, change.Version),
            Type = TaskEventName.ToType(TaskEventName.Of(change.Kind, change.State)),
            Subject = change.TaskId,
            Time = change.At,
            Data = new TaskEventData
            {
                TaskId = change.TaskId,
                TaskType = document.TaskType,
                Version = change.Version,
                Kind = change.Kind,
                State = change.State,
                Phase = change.Phase,
                Attempt = change.Attempt,
                AgentId = change.AgentId,
                Progress = change.Progress,
                ProgressMessage = change.ProgressMessage,
                Code = change.Code,
                Reason = change.Reason,
                RequesterAgentId = document.RequesterAgentId,
                ParentTaskId = document.ParentTaskId,
                CommandId = change.CommandId,
                CompletedPortion = change.CompletedPortion,
                PartialNumber = change.PartialNumber,
                Data = change.Data is { } data && data.GetRawText().Length <= DataLengthMax ? data : null,
            },
        };
    }

    /// <summary>The name of the event of a version.</summary>
    public static string IdOf(string taskId, long version) => $"evt_{TaskKey.FromName($"task.event\n{taskId}\n{version}"):n}";
}

using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// May these parents have further children? A quick no at the door where the public truth already has one; the Scheduler, which also knows
/// how deep a task stands, decides in any case.
/// </summary>
public sealed class Parents(IServiceProvider services)
{
    private const int AtOnce = 100;

    /// <summary>Which of the parents of these tasks have ended, and how. Empty too when StateSync cannot be asked.</summary>
    public async ValueTask<IReadOnlyDictionary<string, TaskState>> Ended(IEnumerable<SubmitTask> tasks, CancellationToken cancellation)
    {
        var ended = new Dictionary<string, TaskState>(StringComparer.Ordinal);
        var parents = tasks.Select(task => task.ParentTaskId).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        if (parents.Length == 0) { return ended; }
        try
        {
            foreach (var some in parents.Chunk(AtOnce))
            {
                var known = await services.GetRequiredService<TenantStates>().Find(some, cancellation).ConfigureAwait(false);
                foreach (var parent in known.Where(parent => parent.State.IsTerminal())) { ended[parent.TaskId] = parent.State; }
            }
        }
        catch (ProtocolException e) when (e.Kind == ErrorKind.Connection)
        {
            // The Scheduler decides.
        }

        return ended;
    }

    /// <summary>What is wrong with a task whose parent has ended; null when nothing is.</summary>
    public static FieldError? Objection(SubmitTask task, IReadOnlyDictionary<string, TaskState> ended)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(ended);
        return task.ParentTaskId is { } parent && ended.TryGetValue(parent, out var state)
            ? new FieldError("#/parent_task_id", $"this task is {state.Word()} and takes no more children; name another one or leave it out",
                ErrorKind.Conflict.Code)
            : null;
    }
}

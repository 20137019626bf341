using System.Collections.Concurrent;
using A2A.Micro.AgentSdk.Attempts;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.AgentSdk;

/// <summary>
/// The parts of a task that its handler gives to other agents. A child has a name; its id is made from the id of the task and that name, so a
/// handler that runs again, on whatever agent, finds the children of before with what they came to, and makes no second ones. Children that
/// have not ended are cancelled when their parent ends without a result. Safe from any thread.
/// </summary>
public sealed class Children
{
    private readonly OfferTask offer;
    private readonly Cancellation cancellation;
    private readonly Dialogue dialogue;
    private readonly ITaskReports reports;
    private readonly ConcurrentDictionary<string, Child> all = new(StringComparer.Ordinal);

    internal Children(OfferTask offer, Cancellation cancellation, Dialogue dialogue, ITaskReports reports) =>
        (this.offer, this.cancellation, this.dialogue, this.reports) = (offer, cancellation, dialogue, reports);

    /// <summary>The id of a child.</summary>
    /// <param name="parentTaskId">Its parent.</param>
    /// <param name="name">Its name.</param>
    public static string IdOf(string parentTaskId, string name) =>
        TenantNames.Beside(parentTaskId, "child-" + TaskKey.FromName($"child\n{parentTaskId}\n{name}"));

    /// <summary>Hands in a child with what its type gives; see the other overload.</summary>
    /// <param name="name">Names it within this task, 1..64 of <c>[A-Za-z0-9._-]</c>.</param>
    /// <param name="taskType">What kind of work it is.</param>
    /// <param name="parameters">What to work on.</param>
    public Task<Child> Submit(string name, string taskType, object? parameters = null) =>
        Submit(name, new ChildTask { TaskType = taskType, Parameters = parameters });

    /// <summary>Hands in a child, and waits until it is sent; that it is done is waited for with <see cref="Child.Result"/>.</summary>
    /// <param name="name">Names it within this task, 1..64 of <c>[A-Za-z0-9._-]</c>. The first child of a name counts, in every attempt.</param>
    /// <param name="task">What it is asked to do.</param>
    /// <exception cref="ArgumentException">The name is none, or the parameters are too large.</exception>
    /// <exception cref="InvalidOperationException">It has secrets, and this task no key to seal them with.</exception>
    /// <exception cref="OperationCanceledException">This task must stop.</exception>
    public async Task<Child> Submit(string name, ChildTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (!TaskRules.IsAgentId(name)) { throw new ArgumentException("a name has 1 to 64 of A-Z a-z 0-9 . _ -", nameof(name)); }
        if (!HandlerJson.TryWrite(task.Parameters, task.Parameters?.GetType() ?? typeof(object), out var parameters, PayloadReference.BytesMax))
        {
            throw new ArgumentException("the parameters are over 16 MiB; store them and hand over where they are", nameof(task));
        }

        var child = all.GetOrAdd(name, _ => new Child(name, IdOf(offer.TaskId, name), cancellation, dialogue, reports));
        await reports.Submit(new SubmitTask
        {
            TaskId = child.TaskId,
            TaskType = task.TaskType,
            Parameters = task.Parameters is null ? null : parameters,
            Sensitive = Places(task),
            SensitiveResults = task.SensitiveResults.Count == 0 ? null : task.SensitiveResults,
            Priority = task.Priority == 0 ? offer.Priority : task.Priority,
            Deadline = task.Deadline ?? offer.Deadline,
            Requirements = task.Requirements,
            ResponderAgentId = task.ResponderAgentId,
            Dependencies = task.Dependencies,
            Retry = task.Retry,
            RequesterAgentId = offer.AgentId,
            ParentTaskId = offer.TaskId,
            OnParentEnd = task.OnParentEnd,
        }, cancellation.Token);
        return child;
    }

    private static IReadOnlyList<string>? Places(ChildTask task)
    {
        var marked = task.Parameters is { } given ? HandlerJson.Secrets(given.GetType()) : [];
        return task.Sensitive.Count + marked.Count == 0 ? null : [.. task.Sensitive.Union(marked, StringComparer.Ordinal)];
    }
}

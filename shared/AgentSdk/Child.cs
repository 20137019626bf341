using System.Text.Json;
using A2A.Micro.AgentSdk.Attempts;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.AgentSdk;

/// <summary>A task that a running handler has given to others. Safe from any thread.</summary>
public sealed class Child
{
    /// <summary>Code of the failure of a parent that had to have the result of a child and did not get it.</summary>
    public const string Failed = "CHILD_FAILED";

    private readonly Cancellation cancellation;
    private readonly Lazy<Task<DependencySettled>> word;

    internal Child(string name, string taskId, Cancellation cancellation, Dialogue dialogue, ITaskReports reports)
    {
        (Name, TaskId, this.cancellation) = (name, taskId, cancellation);
        // Asked for once, with the first wait; told by a message, so nobody looks again and again.
        word = new Lazy<Task<DependencySettled>>(async () =>
        {
            await reports.Watch(taskId, cancellation.Token);
            return await Whole(await dialogue.EndOf(taskId).WaitAsync(cancellation.Token), reports, cancellation.Token);
        });
    }

    /// <summary>Its name within its parent.</summary>
    public string Name { get; }

    /// <summary>Its id, made from the id of its parent and its name.</summary>
    public string TaskId { get; }

    /// <summary>Waits for its end, whatever that is. The slot of the waiting task stays taken, and its lease is kept.</summary>
    /// <exception cref="OperationCanceledException">The waiting task must stop.</exception>
    public async Task<ChildEnd> End() => ChildEnd.Of(await word.Value.WaitAsync(cancellation.Token));

    /// <summary>Waits for its result.</summary>
    /// <exception cref="TaskFailedException">
    /// It has none, or one that does not fit: <see cref="Failed"/>, final, because another attempt would find the same child.
    /// </exception>
    /// <exception cref="OperationCanceledException">The waiting task must stop.</exception>
    public async Task<T> Result<T>()
    {
        var end = await End();
        if (end.Result is not { } result) { throw Lack(Why(end)); }
        try
        {
            return HandlerJson.Read<T>(result);
        }
        catch (TaskRejectedException wrong)
        {
            throw Lack($"has a result that does not fit: {wrong.Message}");
        }
    }

    private static async Task<DependencySettled> Whole(DependencySettled word, ITaskReports reports, CancellationToken cancellationToken)
    {
        if (word.Outputs?.TryGetValue("", out var result) is not true) { return word; }
        try
        {
            var fetched = await reports.Fetch(result, cancellationToken);
            return word with { Outputs = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { [""] = fetched!.Value } };
        }
        catch (InvalidDataException gone)
        {
            return word with { Outputs = new Dictionary<string, JsonElement>(StringComparer.Ordinal), Detail = gone.Message };
        }
    }

    private TaskFailedException Lack(string why) => new(Failed, $"child {Name} ({TaskId}) {why}", retryable: false);

    private static string Why(ChildEnd end) => end switch
    {
        { State: TaskState.Completed } => "completed, but " + end.Detail,
        { State: null } => "did not appear in time",
        { Error: { } error } => $"ended {end.State.Value.Word()}: {error.Code} ({error.Message})",
        _ => $"ended {end.State.Value.Word()}",
    };
}

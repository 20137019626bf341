using System.Collections.Concurrent;
using System.Text.Json;
using A2A.Micro.AgentSdk.Attempts;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.AgentSdk.Testing;

/// <summary>Runs handlers without a bus.</summary>
public static class AgentTestKit
{
    /// <summary>Starts the handler on a task that is made up where <paramref name="offer"/> is null.</summary>
    public static AgentTestRun<TIn, TOut> Start<TIn, TOut>(
        ITaskHandler<TIn, TOut> handler, TIn parameters, OfferTask? offer = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new(handler, parameters, offer ?? new OfferTask
        {
            TaskId = "task-under-test",
            Attempt = 1,
            AgentId = "agent-under-test",
            TaskType = "test",
            OfferedUntil = DateTimeOffset.MaxValue,
        });
    }
}

/// <summary>
/// One run of a handler: collects what it reports and lets a test cancel it. What the handler throws comes out of
/// <see cref="Result"/> as it is.
/// </summary>
public sealed class AgentTestRun<TIn, TOut>
{
    private readonly Cancellation cancellation = new();
    private readonly Cancellation shutdown = new();
    private readonly Dialogue dialogue;
    private readonly Notebook notebook = new();

    internal AgentTestRun(ITaskHandler<TIn, TOut> handler, TIn parameters, OfferTask offer)
    {
        dialogue = new Dialogue(offer.Inputs);
        Context = new TaskContext(offer, cancellation, dialogue, notebook, shutdown.Token);
        Result = Task.Run(() =>
        {
            handler.CanAccept(parameters, offer);
            return handler.Handle(parameters, Context);
        });
    }

    /// <summary>What the handler sees.</summary>
    public TaskContext Context { get; }

    /// <summary>What it returns or throws.</summary>
    public Task<TOut> Result { get; }

    /// <summary>Every progress it reported so far, without the throttle of the bus.</summary>
    public IReadOnlyList<(double Fraction, string? Message)> Progress => notebook.Progressed;

    /// <summary>Every partial result it reported so far.</summary>
    public IReadOnlyList<(JsonElement? Data, double Portion, string? ResumeToken)> Partials => notebook.Partials;

    /// <summary>Every question it asked so far.</summary>
    public IReadOnlyList<InputQuestion> Questions => notebook.Questions;

    /// <summary>Completes with the first question.</summary>
    public Task FirstQuestion => notebook.Asked.Task;

    /// <summary>Completes with the first token that it saved.</summary>
    public Task FirstCheckpoint => notebook.Saved.Task;

    /// <summary>Completes with the submission of a child, once the handler has made it.</summary>
    public Task<SubmitTask> Child(string name) => notebook.Child(Children.IdOf(Context.TaskId, name)).Task;

    /// <summary>Ends a child with a result.</summary>
    public void CompleteChild(string name, object result) => dialogue.Tell(EndOf(name) with
    {
        State = TaskState.Completed,
        Outputs = new Dictionary<string, JsonElement> { [""] = JsonSerializer.SerializeToElement(result, result.GetType(), WireJson.Options) },
    });

    /// <summary>Ends a child without one.</summary>
    public void FailChild(string name, TaskError error, TaskState state = TaskState.Failed) =>
        dialogue.Tell(EndOf(name) with { State = state, Error = error });

    private DependencySettled EndOf(string name) =>
        new() { TaskId = Context.TaskId, DependencyId = Children.IdOf(Context.TaskId, name), HasStarted = true };

    /// <summary>Asks it to pause; <see cref="Result"/> then ends with <see cref="TaskPausedException"/>, which carries the token.</summary>
    public void Pause() => _ = dialogue.AskToPause();

    /// <summary>Answers a question.</summary>
    public void Answer(string key, JsonElement input) => dialogue.Answer(key, input);

    /// <summary>Stops the work as the SDK would.</summary>
    public void Cancel(CancelReason reason = CancelReason.UserCancel) => cancellation.Cancel(reason);

    /// <summary>Tells the handler that the process is asked to end.</summary>
    public void Shutdown() => shutdown.Cancel(CancelReason.Shutdown);

    /// <summary>Completes when the first progress was reported.</summary>
    public Task FirstProgress => notebook.First.Task;

    private sealed class Notebook : ITaskReports
    {
        private readonly List<(double, string?)> progress = [];
        private readonly List<(JsonElement?, double, string?)> partials = [];
        private readonly List<InputQuestion> questions = [];
        private readonly Dictionary<(string, string), SharedState> shared = [];
        private readonly ConcurrentDictionary<string, TaskCompletionSource<SubmitTask>> children = new(StringComparer.Ordinal);

        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Saved { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<InputQuestion> Questions
        {
            get
            {
                lock (questions) { return [.. questions]; }
            }
        }

        public IReadOnlyList<(double, string?)> Progressed
        {
            get
            {
                lock (progress) { return [.. progress]; }
            }
        }

        public IReadOnlyList<(JsonElement?, double, string?)> Partials
        {
            get
            {
                lock (partials) { return [.. partials]; }
            }
        }

        void ITaskReports.Progress(double fraction, string? message)
        {
            lock (progress) { progress.Add((fraction, message)); }
            _ = First.TrySetResult();
        }

        Task ITaskReports.Partial(
            JsonElement? data, double portion, string? resumeToken, CancellationToken cancellationToken)
        {
            lock (partials) { partials.Add((data, portion, resumeToken)); }
            if (resumeToken is not null) { _ = Saved.TrySetResult(); }
            return Task.CompletedTask;
        }

        public TaskCompletionSource<SubmitTask> Child(string taskId) => children.GetOrAdd(
            taskId, _ => new TaskCompletionSource<SubmitTask>(TaskCreationOptions.RunContinuationsAsynchronously));

        Task ITaskReports.Submit(SubmitTask child, CancellationToken cancellationToken)
        {
            _ = Child(child.TaskId).TrySetResult(child);
            return Task.CompletedTask;
        }

        Task<JsonElement?> ITaskReports.Fetch(JsonElement? value, CancellationToken cancellationToken) => Task.FromResult(value);

        Task<StateUpdated> ITaskReports.Update(UpdateState update, CancellationToken cancellationToken)
        {
            lock (shared)
            {
                var key = (update.TaskId, update.Name);
                var known = shared.GetValueOrDefault(key) ?? new SharedState { TaskId = update.TaskId, Name = update.Name, Version = 0 };
                if (update.ExpectedVersion != known.Version) { return Task.FromResult(new StateUpdated { Applied = false, State = known }); }
                shared[key] = known with { Version = known.Version + 1, Value = update.Value, AgentId = update.AgentId };
                return Task.FromResult(new StateUpdated { Applied = true, State = shared[key] });
            }
        }

        Task<StateRead> ITaskReports.Read(ReadState question, CancellationToken cancellationToken)
        {
            lock (shared)
            {
                return Task.FromResult(new StateRead
                {
                    States = [.. shared.Values.Where(state => state.TaskId == question.TaskId && (question.Name ?? state.Name) == state.Name)],
                });
            }
        }

        Task ITaskReports.Watch(string childId, CancellationToken cancellationToken) => Task.CompletedTask;

        Task ITaskReports.Ask(InputQuestion question, CancellationToken cancellationToken)
        {
            lock (questions) { questions.Add(question); }
            _ = Asked.TrySetResult();
            return Task.CompletedTask;
        }
    }
}

using System.Diagnostics.Metrics;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Control;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler;

/// <summary>What the Scheduler counts (conventions C10).</summary>
public sealed class SchedulerMetrics : IDisposable
{
    private readonly Meter _meter = new("A2A.Scheduler");
    private readonly Counter<long> _finished;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _stale;
    private readonly Histogram<double> _total;
    private readonly Counter<long> _commands;
    private readonly Histogram<double> _answer;
    private readonly Counter<long> _repeated;

    /// <summary>Makes the instruments.</summary>
    public SchedulerMetrics()
    {
        _finished = _meter.CreateCounter<long>("a2a.tasks.finished", description: "Tasks that reached a terminal state");
        _retries = _meter.CreateCounter<long>("a2a.task.retries", description: "Attempts after the first");
        _stale = _meter.CreateCounter<long>("a2a.stale.messages", description: "Reports that were refused by fencing");
        _total = _meter.CreateHistogram<double>("a2a.task.total", "s", "From submission to the terminal state");
        _commands = _meter.CreateCounter<long>("a2a.commands", description: "Control commands with their final answer");
        _repeated = _meter.CreateCounter<long>("a2a.state.steps_repeated", description: "Steps that StateSync lacked and that were said again");
        _answer = _meter.CreateHistogram<double>("a2a.command.ack", "s", "From a control command to its final answer");
    }

    /// <summary>A task ended.</summary>
    public void Finished(TaskSaga saga, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(saga);
        var type = new KeyValuePair<string, object?>("type", saga.Task.TaskType);
        _finished.Add(1, type, new("status", saga.State));
        _total.Record((now - saga.CreatedAt).TotalSeconds, type);
    }

    /// <summary>Steps were said again.</summary>
    public void StepsRepeated(int count) => _repeated.Add(count);

    /// <summary>Another attempt begins.</summary>
    public void Retried(string cause) => _retries.Add(1, new KeyValuePair<string, object?>("cause", cause));

    /// <summary>A report changed nothing.</summary>
    public void Refused(string reason) => _stale.Add(1, new KeyValuePair<string, object?>("kind", reason));

    /// <summary>A command got its final answer.</summary>
    public void Commanded(CommandNote note, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(note);
        var name = new KeyValuePair<string, object?>("command", note.Name);
        _commands.Add(1, name, new("result", note.Status.Word()));
        _answer.Record(Math.Max(0, (now - note.At).TotalSeconds), name);
    }

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    internal static bool IsTerminal(TaskSaga saga) => WireWord.Parse<TaskState>(saga.State).IsTerminal();
}

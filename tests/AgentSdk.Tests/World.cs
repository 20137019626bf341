using System.Collections.Concurrent;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace A2A.Micro.AgentSdk.Tests;

/// <summary>What an agent said, and whether the broker is there.</summary>
internal sealed class RecordingVoice : IAgentVoice
{
    private readonly ConcurrentQueue<(string Endpoint, object Message)> said = [];
    private volatile TaskCompletionSource? hanging;
    private int failures;

    public IReadOnlyList<object> Said => [.. said.Select(each => each.Message)];

    public IReadOnlyList<T> Heard<T>() => [.. Said.OfType<T>()];

    public void FailNext(int count) => Volatile.Write(ref failures, count);

    public void Hang() => hanging = new TaskCompletionSource();

    public void Recover()
    {
        var was = hanging;
        hanging = null;
        _ = was?.TrySetResult();
    }

    public async Task Send<T>(string endpoint, T message, CancellationToken cancellationToken) where T : class
    {
        if (hanging is { } away) { await away.Task.WaitAsync(cancellationToken); }
        if (Interlocked.Decrement(ref failures) >= 0) { throw new IOException("the broker is away"); }
        said.Enqueue((endpoint, message));
    }

    /// <summary>What is answered to a question.</summary>
    public Func<object, object> OnAsk { get; set; } = question => throw new InvalidOperationException($"nobody answers {question}");

    public async Task<TAnswer> Ask<TQuestion, TAnswer>(string endpoint, TQuestion question, CancellationToken cancellationToken)
        where TQuestion : class where TAnswer : class
    {
        await Send(endpoint, question, cancellationToken);
        return (TAnswer)OnAsk(question);
    }

    public void Hear(Guid? question, object answer)
    {
    }

    public Task<T> Next<T>(int count = 1) where T : class => Eventually.Seen(
        _ => Task.FromResult(Heard<T>()), seen => seen.Count >= count, $"{count} x {typeof(T).Name}",
        _ => string.Join(", ", Said.Select(each => each.GetType().Name)))
        .ContinueWith(seen => seen.Result[count - 1], TaskScheduler.Default);
}

internal sealed record Job
{
    public required string Name { get; init; }

    public int Size { get; init; }
}

internal sealed record Answer(string Text);

/// <summary>One agent with a broker and a clock of the test's own.</summary>
internal sealed class World
{
    public ManualClock Clock { get; } = new();

    public RecordingVoice Voice { get; } = new();

    /// <summary>Says yes at once: the test's clock stands still.</summary>
    public AgentOptions Options { get; } = new() { AcceptWithin = TimeSpan.Zero };

    public AgentRuntime Agent { get; }

    public World(Func<Job, TaskContext, Task<Answer>> work, int slots = 2)
    {
        var builder = new AgentBuilder().Slots(slots).Handle("test.work", work);
        Agent = new AgentRuntime(
            builder.Build("agent-1"), Options, Voice, new ServiceCollection().BuildServiceProvider(), Clock, NullLogger.Instance);
    }

    public OfferTask Offer(string taskId = "task-1", int attempt = 1, string parameters = """{"name":"x"}""") => new()
    {
        TaskId = taskId,
        Attempt = attempt,
        AgentId = "agent-1",
        TaskType = "test.work",
        Parameters = JsonSerializer.Deserialize<JsonElement>(parameters, WireJson.Options),
        OfferedUntil = Clock.GetUtcNow().AddSeconds(10),
    };

    public Task Give(OfferTask offer) => Agent.Offered(offer, CancellationToken.None);

    public Task Cancel(string taskId = "task-1", int? attempt = 1, string command = "c-1") => Agent.Cancel(
        new CancelTask { TaskId = taskId, CommandId = command, Attempt = attempt }, CancellationToken.None);

    public Task Pause(string taskId = "task-1", int? attempt = 1, string command = "p-1", bool keep = false) => Agent.Pause(
        new PauseTask { TaskId = taskId, CommandId = command, Attempt = attempt, KeepResources = keep }, CancellationToken.None);

    /// <summary>Work that goes on until it is cancelled.</summary>
    public static async Task<Answer> Endless(Job job, TaskContext context)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        return new Answer("never");
    }
}

using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using A2A.Micro.AgentSdk;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Confluence.Tests.Rows;

/// <summary>
/// The whole system in this process, as Standalone runs it, with agents that do as they are told; what the tests of the requirements' rows see of it is
/// what a submitter sees over HTTP.
/// </summary>
public sealed class RowWorld : IAsyncLifetime
{
    /// <summary>The collection of the tests that share it.</summary>
    public const string Name = "rows";

    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Gates = new();
    private static readonly ConcurrentQueue<string> Begun = new();
    private static readonly string[] Told = ["row.letter", "row.narrow", "row.choosy", "row.unloved"];
    private static int _atOnce;
    private static int _mostAtOnce;

    internal SmallWorld Small { get; private set; } = null!;

    /// <summary>Most tasks that the narrow agent has had at once.</summary>
    public static int MostAtOnce => _mostAtOnce;

    /// <summary>The tasks that the narrow agent has begun, in order.</summary>
    public static IEnumerable<string> Order => Begun;

    /// <summary>Lets work go on that stands at its gate, now or when it comes there.</summary>
    public static void Open(string taskId) => Gate(taskId).TrySetResult();

    public async Task InitializeAsync()
    {
        Small = await SmallWorld.Start(null, null, Modules());
        // A submission takes what the Gateway knows of its type at that moment; asking brings it up to date.
        _ = await Eventually.Seen(cancel => Small.Get("/v1/task-types", cancel),
            types => Told.All(type => types.ToString().Contains(type, StringComparison.Ordinal)), "the types are known", types => types.ToString());
    }

    private static AgentModule[] Modules() =>
    [
        new AgentModule("echo", agent => agent.Slots(32).Capacity(32, 32)
            .Handle<JsonElement, Seen>("row.echo", (given, task) => Task.FromResult(new Seen(given, task.Metadata, task.AgentId)))
            .Handle<JsonElement, Seen>("data.*", (given, task) => Task.FromResult(new Seen(given, task.Metadata, task.AgentId)))
            .Handle<JsonElement, string>("simple.greet", (_, _) => Task.FromResult("hello"))
            .Handle<JsonElement, string>("row.wait", Wait)
            .Handle<JsonElement, Steps>("row.steps", Step)
            .Handle<JsonElement, string>("row.ask", async (_, task) => await task.Ask<string>("colour", "Which colour?"))
            .Handle<Letter, string>("row.letter", (_, _) => Task.FromResult("sent"), type => type.Version("2").Priority(3).Requires(0.5, 0.25)
                .Timeout(TimeSpan.FromMinutes(2)))
            .Handle<JsonElement, string>("row.slow", async (_, task) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System, task.CancellationToken);
                return "done";
            })),
        new AgentModule("narrow", agent => agent.Slots(1).Capacity(1, 1).Handle<JsonElement, string>("row.narrow", Narrow)),
        new AgentModule("never", agent => agent.Handle<JsonElement, string, Never>("row.choosy")),
        new AgentModule("rather", agent => agent.Handle<JsonElement, string, Rather>("row.choosy").Handle<JsonElement, string, Never>("row.unloved")),
    ];

    public async Task DisposeAsync() => await Small.DisposeAsync();

    private static TaskCompletionSource Gate(string taskId) =>
        Gates.GetOrAdd(taskId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private static async Task<string> Wait(JsonElement given, TaskContext task)
    {
        if (given.TryGetProperty("tells", out var text)) { task.Progress(0.25, text.GetString()); }
        await Gate(task.TaskId).Task.WaitAsync(task.CancellationToken);
        return "waited";
    }

    // Ten steps with a checkpoint after each; it stands at its gate after the third, and tells which it has done itself.
    private static async Task<Steps> Step(JsonElement given, TaskContext task)
    {
        var (done, mode) = (new List<int>(), given.TryGetProperty("mode", out var word) ? word.GetString() : "pause");
        for (var step = task.ResumeToken is { } token ? int.Parse(token, System.Globalization.CultureInfo.InvariantCulture) : 0; step < 10; step++)
        {
            done.Add(step);
            await task.Partial(new { step }, (step + 1) / 10.0, $"{step + 1}");
            if (step == 2 && task.Attempt == 1)
            {
                if (mode == "fail") { throw new TaskFailedException("BROKE", "in the middle", retryable: true); }
                await Task.WhenAny(Gate(task.TaskId).Task, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, task.PauseToken));
            }

            if (task.PauseRequested) { task.PauseAt($"{step + 1}", (step + 1) / 10.0); }
        }

        return new Steps(task.Attempt, done);
    }

    private static async Task<string> Narrow(JsonElement given, TaskContext task)
    {
        Begun.Enqueue(task.TaskId);
        _mostAtOnce = Math.Max(_mostAtOnce, Interlocked.Increment(ref _atOnce));
        try
        {
            await Gate(task.TaskId).Task.WaitAsync(task.CancellationToken);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _atOnce);
        }

        return "done";
    }

    internal sealed record Seen(JsonElement Given, JsonElement? Metadata, string Agent);

    internal sealed record Steps(int Attempt, IReadOnlyList<int> Done);

    internal sealed record Letter
    {
        [EmailAddress, StringLength(254)]
        public required string To { get; init; }

        [Range(1, 9)]
        public int? Copies { get; init; }

        public DateTimeOffset? SendAt { get; init; }
    }

    private sealed class Never : ITaskHandler<JsonElement, string>
    {
        public void CanAccept(JsonElement parameters, OfferTask offer) =>
            throw new TaskRejectedException(RejectionReason.UnsupportedTaskType, "not what it does");

        public Task<string> Handle(JsonElement parameters, TaskContext context) => throw new InvalidOperationException("it said no");
    }

    private sealed class Rather : ITaskHandler<JsonElement, string>
    {
        public Task<string> Handle(JsonElement parameters, TaskContext context) => Task.FromResult("gladly");
    }
}

/// <summary>Binds <see cref="RowWorld"/> to its collection.</summary>
[CollectionDefinition(RowWorld.Name)]
public sealed class RowCollection : ICollectionFixture<RowWorld>;

/// <summary>What a submitter does.</summary>
[Collection(RowWorld.Name)]
public abstract class RowTests(RowWorld world)
{
    private protected HttpClient Http => world.Small.Http;

    private protected SmallWorld World => world.Small;

    private protected Task<JsonElement> Get(string path) => world.Small.Get(path, CancellationToken.None);

    private protected Task<JsonElement> Task(string id) => Get("/v1/tasks/" + id);

    private protected async Task<JsonElement> Submit(object task)
    {
        var (status, answer) = await Post("/v1/tasks", task);
        Assert.True(status == HttpStatusCode.Accepted, answer.ToString());
        return answer;
    }

    private protected async Task<(HttpStatusCode Status, JsonElement Answer)> Post(string path, object body)
    {
        using var answer = await Http.PostAsJsonAsync(path, body);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    private protected Task<JsonElement> Until(string id, string state) =>
        Until(id, task => Text(task, "state") == state, "is " + state);

    private protected Task<JsonElement> Until(string id, Func<JsonElement, bool> holds, string what) => Eventually.Seen(
        cancel => world.Small.Get("/v1/tasks/" + id, cancel), holds, $"{id} {what}", task => task.ToString(), TimeSpan.FromSeconds(30));

    private protected Task<JsonElement> Ended(string id) =>
        Until(id, task => Text(task, "state") is "completed" or "failed" or "cancelled" or "rejected" or "expired", "has ended");

    private protected static string Text(JsonElement json, params string[] path)
    {
        foreach (var name in path)
        {
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out json)) { return ""; }
        }

        return json.ToString();
    }

    private protected static string In(double seconds) => TimeProvider.System.GetUtcNow().AddSeconds(seconds).UtcDateTime.ToString("O");
}

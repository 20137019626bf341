using System.Collections.Concurrent;
using A2A.Micro.AgentSdk;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using Microsoft.AspNetCore.Builder;

namespace A2A.Micro.System.Tests.Crashes;

/// <summary>An agent inside the test, which therefore knows what was really carried out, and how often.</summary>
internal sealed class CountingAgent : IAsyncDisposable
{
    public const string Id = "counting";
    public const string TaskType = "test.count";
    private readonly ConcurrentDictionary<(string TaskId, int Attempt), int> executions = new();
    private readonly WebApplication app;

    private CountingAgent(RunningSystem system, int slots) => app = MicroHost.Build(
        // Accepts before it works, however little there is to do: the acceptance has crashes of its own.
        ["--urls", "http://127.0.0.1:0", "--Agent:AcceptWithin=00:00:00",
            .. system.BrokerSettings.Select(pair => $"--{pair.Key.Replace("__", ":", StringComparison.Ordinal)}={pair.Value}")],
        TransportKind.RabbitMq, StoreKind.Postgres,
        [new AgentModule(Id, agent => agent.Slots(slots).Capacity(slots, slots).Handle<Work, Done>(TaskType, Carry))]);

    /// <summary>Attempts that were carried out more than once.</summary>
    public IReadOnlyList<string> Repeated =>
        [.. executions.Where(one => one.Value > 1).Select(one => $"{one.Key.TaskId} attempt {one.Key.Attempt}: {one.Value} times")];

    /// <summary>How many attempts of a task were carried out.</summary>
    public int Attempts(string taskId) => executions.Keys.Count(one => one.TaskId == taskId);

    public static async Task<CountingAgent> Start(RunningSystem system, int slots)
    {
        var agent = new CountingAgent(system, slots);
        await agent.app.StartAsync();
        _ = await Eventually.Seen(
            cancel => system.Get("/v1/agents", cancel),
            list => list.GetProperty("agents").EnumerateArray().Any(one => one.Text("agent_id") == Id && one.Text("state") == "online"),
            "the counting agent is online", list => list + system.Tails(), TimeSpan.FromSeconds(60));
        return agent;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task<Done> Carry(Work work, TaskContext context)
    {
        _ = executions.AddOrUpdate((context.TaskId, context.Attempt), 1, (_, before) => before + 1);
        switch (work.Mode)
        {
            case "report":
                context.Progress(0.25, "a quarter");
                await context.Partial(new { half = true }, 0.5, "half");
                await context.Checkpoint("more than half", 0.75);
                break;
            case "wait":
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
                break;
            case "pause" when context.ResumeToken is null:
                using (var asked = CancellationTokenSource.CreateLinkedTokenSource(context.PauseToken, context.CancellationToken))
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, asked.Token)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                context.CancellationToken.ThrowIfCancellationRequested();
                context.PauseAt("here", 0.5);
                break;
            case "ask":
                _ = await context.Ask<string>("name", "What is it called?");
                break;
            case "again" when context.Attempt == 1:
                throw new TaskFailedException("NOT_YET", "the next attempt succeeds", retryable: true);
            default:
                break;
        }

        return new Done(context.TaskId, context.Attempt);
    }

    private sealed record Work(string Mode);

    private sealed record Done(string TaskId, int Attempt);
}

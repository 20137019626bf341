using System.Collections.Concurrent;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync.States;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.StateSync.Tests;

/// <summary>The module in a host with the in-memory transport: messages in, notifications out.</summary>
[Trait("Requirement", "2")]
[Trait("Requirement", "35")]
public sealed class ConsumerTests : IAsyncLifetime
{
    private readonly WebApplication _host;
    private readonly Listener _listener = new();

    public ConsumerTests() => _host = MicroHost.Build(
        ["--urls=http://127.0.0.1:0"], TransportKind.InMemory, Persistence.StoreKind.InMemory, [new StateSyncModule(), _listener]);

    private IStateQueries Queries => _host.Services.GetRequiredService<IStateQueries>();

    public Task InitializeAsync() => _host.StartAsync();

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Every_version_is_announced_once_with_its_state()
    {
        var life = Life.Running("heard").Report(0.5, "half").Part(0.6, """{"rows":1.0}""").Complete();

        // Steps and reports come over two queues: each report is sent while its attempt is known to run.
        for (var (sent, upTo) = (0, 4); upTo <= 7; (sent, upTo) = (upTo, upTo + 1))
        {
            await Send(life.Inputs.Skip(sent).Take(upTo - sent));
            await _listener.Heard("heard", upTo);
        }

        var heard = _listener.All.Where(one => one.Changed.TaskId == "heard").DistinctBy(one => one.Changed.Version).ToList();
        // Those that went alone; what was ready together went together.
        Assert.All(heard.Where(one => one.MessageId is not null), one => Assert.Equal(StateAnnouncer.MessageIdOf(one.Changed), one.MessageId));
        Assert.Equal(TaskState.Completed, heard.Single(one => one.Changed.Version == 7).Changed.State);
        var document = await Queries.Find("heard", default);
        Assert.Equal((TaskState.Completed, 7L), (document!.State, document.Version));
        Assert.Equal("""{"rows":1.0}""", (await Queries.History("heard", 5, 1, default))[0].Data?.GetRawText());
    }

    [Fact]
    public async Task A_redelivery_is_announced_again()
    {
        var life = new Life("twice").Submit();
        await Send(life.Inputs);
        await _listener.Heard("twice", 1);

        await Send(life.Inputs);

        await Eventually.True(() => _listener.All.Count(one => one.Changed is { TaskId: "twice", Version: 1 }) == 2, "two notifications");
        Assert.Single(_listener.All.Where(one => one.Changed.TaskId == "twice").Select(one => one.MessageId).Distinct());
    }

    [Fact]
    public async Task What_an_agent_must_not_say_is_no_fault()
    {
        var life = Life.Running("liar").Report(2).Report(0.5, agent: "agent-9").Report(0.5, attempt: 0);
        await Send(life.Inputs.Take(4));
        await _listener.Heard("liar", 4);
        await Send(life.Inputs.Skip(4));

        await Send([life.Report(0.25, "the truth").Last]);

        await _listener.Heard("liar", 5);
        // A fault would show only after its retries; what was consumed in peace shows at once.
        await Eventually.True(() => _listener.Statuses == 4, "all four reports are consumed", () => $"{_listener.Statuses}");
        Assert.Equal(0.25, (await Queries.Find("liar", default))!.Progress);
        Assert.Empty(_listener.Faulted);
    }

    [Fact]
    public async Task A_step_that_cannot_be_one_goes_to_the_error_queue()
    {
        var step = ((StateInput.Transition)new Life("poison").Submit().Last).Message with { Task = null };

        await Send([new StateInput.Transition(step)]);

        await Eventually.True(() => !_listener.Faulted.IsEmpty, "the message is a fault");
        Assert.Null(await Queries.Find("poison", default));
    }

    private Task Send(IEnumerable<StateInput> inputs) => Listener.Send(_host.Services, inputs);
}

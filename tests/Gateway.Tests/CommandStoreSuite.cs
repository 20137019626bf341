using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Control;
using A2A.Micro.Persistence.Outbox;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

/// <summary>What every record of commands does, wherever it is kept.</summary>
[Trait("Requirement", "22")]
[Trait("Requirement", "23")]
public abstract class CommandStoreSuite : IAsyncLifetime
{
    private GatewayHost _host = null!;

    protected ICommandStore Store => _host.Services.GetRequiredService<ICommandStore>();

    protected abstract Task<GatewayHost> Start();

    public virtual async Task InitializeAsync() => _host = await Start();

    public virtual async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_command_is_stored_and_sent_once_whoever_gives_it_again()
    {
        var first = await Accept(Command("c"));
        var again = await Accept(Command("c"));
        var other = await Accept(Command("c", "another reason"));
        _ = await Accept(Command("last"));

        Assert.Equal((false, false, true), (first[0].Conflicts, again[0].Conflicts, other[0].Conflicts));
        Assert.Equal(first[0].Row.Body, again[0].Row.Body);
        await Eventually.True(() => _host.Neighbours.Commands.Count >= 2, "both are sent");
        Assert.Equal(["c", "last"], _host.Neighbours.Commands.OfType<HoldTask>().Select(hold => hold.CommandId).Distinct().Order());
        var found = (await Store.Find("c", default))!;
        Assert.Equal((CommandState.Pending, "hold", "t"), (found.Status, found.Command, found.TaskId));
    }

    [Fact]
    public async Task A_status_only_moves_on_and_the_first_final_one_stays()
    {
        _ = await Accept(Command("c"));
        Assert.Equal(CommandState.Accepted, (await Answer("c", CommandState.Accepted)).Status);
        Assert.Equal(CommandState.Accepted, (await Answer("c", CommandState.Pending, "NOT_FOUND")).Status);
        Assert.Equal("HARD_STOP", (await Answer("c", CommandState.Applied, "HARD_STOP")).Code);
        var last = await Answer("c", CommandState.Rejected, "CONFLICT");
        Assert.Equal((CommandState.Applied, "HARD_STOP", null), (last.Status, last.Code, last.AgainAt));
    }

    [Fact]
    public async Task An_answer_to_a_command_of_the_bus_is_shown_too()
    {
        _ = await Answer("foreign", CommandState.Applied);
        Assert.Equal(CommandState.Applied, (await Store.Find("foreign", default))!.Status);
        Assert.Equal("foreign", Assert.Single(await Store.OfTask("t", 10, default)).CommandId);
    }

    [Fact]
    public async Task Only_what_nobody_answered_is_taken_to_be_sent_again_and_each_time_later()
    {
        _ = await Accept(Command("open", again: TimeSpan.FromHours(-1)), Command("answered", again: TimeSpan.FromHours(-1)),
            Command("young", again: TimeSpan.FromHours(1)));
        _ = await Answer("answered", CommandState.Accepted);
        _ = await Answer("open", CommandState.Pending, "NOT_FOUND");

        var taken = await Store.TakeUnanswered(10, default);

        Assert.Equal(["open"], taken.Select(row => row.CommandId));
        Assert.Empty(await Store.TakeUnanswered(10, default));
        var row = (await Store.Find("open", default))!;
        Assert.Equal((1, null), (row.Tries, row.Code));
    }

    [Fact]
    public async Task A_bulk_is_read_back_in_its_order()
    {
        _ = await Accept([.. Enumerable.Range(0, 12).Select(n => Command($"b.{n:d4}", bulk: "b"))]);
        Assert.Equal(Enumerable.Range(0, 12).Select(n => $"b.{n:d4}"), (await Store.OfBulk("b", default)).Select(row => row.CommandId));
        Assert.Empty(await Store.OfBulk("c", default));
    }

    [Fact]
    public async Task Answered_commands_are_forgotten_after_their_time_and_open_ones_never()
    {
        _ = await Accept(Command("open"), Command("done"));
        _ = await Answer("done", CommandState.Applied);
        Assert.Equal(0, await Store.Purge(TimeSpan.FromHours(1), 10, default));
        Assert.Equal(1, await Store.Purge(TimeSpan.FromHours(-1), 10, default));
        Assert.Null(await Store.Find("done", default));
        Assert.NotNull(await Store.Find("open", default));
    }

    protected Task<IReadOnlyList<CommandReceipt>> Accept(params NewCommand[] commands) => Store.Accept(commands, default);

    private Task<CommandRow> Answer(string id, CommandState status, string? code = null) => Store.Answer(new CommandRow
    {
        CommandId = id,
        TaskId = "t",
        Command = "hold",
        Status = status,
        Code = code,
        CreatedAt = TimeProvider.System.GetUtcNow(),
        UpdatedAt = TimeProvider.System.GetUtcNow(),
    }, default);

    private static NewCommand Command(string id, string? reason = null, TimeSpan? again = null, string? bulk = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var message = new HoldTask { TaskId = "t", CommandId = id, Reason = reason };
        return new NewCommand(new CommandRow
        {
            CommandId = id,
            TaskId = "t",
            Command = "hold",
            Body = CommandMessages.Write(message),
            BulkId = bulk,
            AgainAt = now + (again ?? TimeSpan.FromHours(1)),
            CreatedAt = now,
            UpdatedAt = now,
        }, Outgoing.Command(Endpoints.Tasks, message, TimeProvider.System));
    }
}

public sealed class InMemoryCommandStoreTests : CommandStoreSuite
{
    protected override Task<GatewayHost> Start() => GatewayHost.Start();
}

public sealed class PostgresCommandStoreTests : CommandStoreSuite
{
    private readonly PostgresServer _server = new();

    public override async Task InitializeAsync()
    {
        await _server.InitializeAsync();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task What_became_of_a_command_is_seen_on_another_instance_and_after_a_restart()
    {
        await using var first = await Start();
        first.Neighbours.Put("t", TaskState.Running);
        first.Neighbours.OnCommand = command => new ControlAcknowledged
        {
            CommandId = ((PauseTask)command).CommandId,
            Status = "applied",
            TaskId = "t",
            Command = "pause",
        };
        using var given = await first.Post("/v1/tasks/t/pause", """{"command_id":"c-9"}""");
        Assert.Equal(200, (int)given.StatusCode);
        await first.DisposeAsync();

        await using var second = await Start();
        using var shown = await second.Get("/v1/commands/c-9");
        Assert.Equal("applied", (await shown.Json()).Text("status"));
    }

    protected override Task<GatewayHost> Start() =>
        GatewayHost.Start(("A2A:Stores", "postgres"), ("ConnectionStrings:Postgres", _server.ConnectionString));
}

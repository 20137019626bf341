using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Gateway.Events;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Security.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Control;

/// <summary>
/// Takes control commands and knows what became of them. A command that was answered 202 is stored with what carries it out: it survives this
/// process and a broker that is away. It is sent again until it is answered; the Scheduler knows it by its id.
/// </summary>
public sealed class Commands(
    ICommandStore store,
    StateReader states,
    Watchers watchers,
    ILane lane,
    TimeProvider clock,
    IOptions<GatewayOptions> options,
    IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Reread = TimeSpan.FromMilliseconds(100);

    /// <summary>A command of this message, ready to be stored.</summary>
    /// <param name="verb">What it is.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="commandId">Its id.</param>
    /// <param name="message">The message that carries it out.</param>
    /// <param name="bulkId">The bulk that it belongs to.</param>
    /// <param name="after">How long it waits before it is sent; null: it leaves with the commit.</param>
    public NewCommand New(string verb, string taskId, string commandId, object message, string? bulkId = null, TimeSpan? after = null)
    {
        var now = clock.GetUtcNow();
        if (!Tenancy.IsDefault) { message = CommandMessages.Under(message, verb, Tenancy.In(taskId), Tenancy.In(commandId)); }
        return new NewCommand(new CommandRow
        {
            CommandId = Tenancy.In(commandId),
            TaskId = Tenancy.In(taskId),
            Command = verb,
            Body = CommandMessages.Write(message),
            BulkId = Tenancy.InOrNull(bulkId),
            AgainAt = now + (after ?? CommandRules.AgainAfter(0)),
            CreatedAt = now,
            UpdatedAt = now,
        }, after is null ? Outgoing.Command(Endpoints.Tasks, message, clock) : null);
    }

    /// <summary>Stores commands and sends them on their way, all or none.</summary>
    /// <exception cref="ProtocolException">The database does not answer in time.</exception>
    public async Task<IReadOnlyList<CommandReceipt>> Accept(IReadOnlyList<NewCommand> commands, CancellationToken cancellation)
    {
        var receipts = await InTime(
            limit => store.Accept(commands, limit), options.Value.CommitTimeout,
            "The database did not answer in time; send the command again with the same command_id.", cancellation).ConfigureAwait(false);
        return [.. receipts.Select(receipt => receipt with { Row = receipt.Row.Outside() })];
    }

    /// <summary>The command; null when nobody gave it.</summary>
    public async Task<CommandRow?> Find(string commandId, CancellationToken cancellation) =>
        (await InTime(limit => store.Find(Tenancy.In(commandId), limit), options.Value.ReadTimeout, Unreadable, cancellation).ConfigureAwait(false))
        ?.Outside();

    /// <summary>The commands of a task, the oldest first.</summary>
    public Task<IReadOnlyList<CommandRow>> OfTask(string taskId, int limit, CancellationToken cancellation) =>
        Many(token => store.OfTask(Tenancy.In(taskId), limit, token), cancellation);

    /// <summary>The commands of a bulk.</summary>
    public Task<IReadOnlyList<CommandRow>> OfBulk(string bulkId, CancellationToken cancellation) =>
        Many(limit => store.OfBulk(Tenancy.In(bulkId), limit), cancellation);

    /// <summary>The command once it is answered, or as it is when the time is over or this process ends.</summary>
    /// <param name="row">The command as it was read last.</param>
    /// <param name="wait">How long.</param>
    /// <param name="final">Whether only a final answer counts: <c>accepted</c> is a first one.</param>
    /// <param name="cancellation">The caller has left.</param>
    public async Task<CommandRow> Wait(CommandRow row, TimeSpan wait, bool final, CancellationToken cancellation)
    {
        using var watcher = watchers.Watch(Name(Tenancy.In(row.CommandId)));
        var until = clock.GetUtcNow() + wait;
        while (true)
        {
            row = await Find(row.CommandId, cancellation).ConfigureAwait(false) ?? row;
            var left = until - clock.GetUtcNow();
            if (row.Status >= (final ? CommandState.Applied : CommandState.Accepted) || left <= TimeSpan.Zero
                || lifetime.ApplicationStopping.IsCancellationRequested)
            {
                return row;
            }

            // Another instance may hear the answer, and a command may overtake the submission of its task.
            await watcher.Wait((long)row.Status, left < Reread ? left : Reread, clock, lifetime.ApplicationStopping, cancellation)
                .ConfigureAwait(false);
            if (row.IsTooEarly) { await SendAgain(row, left, cancellation).ConfigureAwait(false); }
        }
    }

    /// <summary>Writes an answer down and wakes who waits for it.</summary>
    public async Task Hear(CommandRow answer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(answer);
        new Caller("answers", TenantNames.TenantOf(answer.TaskId), Scopes.TasksRead).Enter();
        if (answer.Code == ErrorKind.NotFound.Code && await IsKnown(answer, cancellation).ConfigureAwait(false))
        {
            answer = answer with { Status = CommandState.Pending };
        }

        var row = await store.Answer(answer, cancellation).ConfigureAwait(false);
        watchers.Tell(Name(row.CommandId), (long)row.Status);
    }

    /// <summary>Sends a command again that nobody has answered.</summary>
    public async Task SendAgain(CommandRow row, TimeSpan limit, CancellationToken cancellation)
    {
        using var time = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellation);
        try
        {
            await lane.Send([Outgoing.Command(Endpoints.Tasks, CommandMessages.Restore(row), clock)], either.Token)
                .WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The broker is away: the command is stored, and its turn comes again.
        }
    }

    private const string Unreadable = "The database did not answer in time; try again.";

    // Neither an id nor a task's name contains a line feed, so the two kinds of name never meet.
    private static string Name(string commandId) => "command\n" + commandId;

    // The Scheduler does not know a task whose submission it has not heard of yet. Only commands that were given here are sent again.
    private async Task<bool> IsKnown(CommandRow answer, CancellationToken cancellation)
    {
        if (await store.Find(answer.CommandId, cancellation).ConfigureAwait(false) is not { Body: not null }) { return false; }
        try
        {
            return await states.Find(TenantNames.Outside(answer.TaskId), cancellation).ConfigureAwait(false) is not null;
        }
        catch (ProtocolException e) when (e.Kind == ErrorKind.Connection)
        {
            return true;
        }
    }

    private async Task<IReadOnlyList<CommandRow>> Many(
        Func<CancellationToken, Task<IReadOnlyList<CommandRow>>> read, CancellationToken cancellation)
    {
        var rows = await InTime(read, options.Value.ReadTimeout, Unreadable, cancellation).ConfigureAwait(false);
        return Tenancy.IsDefault ? rows : [.. rows.Select(row => row.Outside())];
    }

    private async Task<T> InTime<T>(
        Func<CancellationToken, Task<T>> work, TimeSpan time, string tooSlow, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(time, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await work(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new ProtocolException(ErrorKind.Connection, tooSlow);
        }
    }
}

using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace A2A.Micro.Persistence;

/// <summary>
/// Lets the instances of a service start their bus one after the other. RabbitMQ tells of a quorum queue that another instance has just declared
/// before anybody can consume from it; who does so all the same loses its connection to an internal error (541 at basic.consume), and the bus with
/// it, for minutes. Whoever waits too long for its turn goes on without: a start is never prevented.
/// </summary>
internal sealed partial class StartTurn<TDb>(
    NpgsqlDataSource source, IDbContextFactory<TDb> databases, IServiceProvider services, ILogger<StartTurn<TDb>> log)
    : IHostedLifecycleService, IAsyncDisposable
    where TDb : ModuleDb
{
    private const int PatienceSeconds = 10;
    private static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private NpgsqlConnection? _turn;

    /// <summary>Takes the turn. Registered before the bus, so it is started before it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        string schema;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false)) { schema = db.Schema; }
        NpgsqlConnection? connection = null;
        try
        {
            connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using var command = new NpgsqlCommand("select pg_advisory_lock(hashtext($1))", connection) { CommandTimeout = PatienceSeconds };
            _ = command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "a2a.start." + schema });
            _ = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            (_turn, connection) = (connection, null);
        }
        catch (NpgsqlException e)
        {
            LogOutOfTurn(schema, e.Message);
        }
        finally
        {
            if (connection is not null) { await connection.DisposeAsync().ConfigureAwait(false); }
        }
    }

    /// <summary>The next one's turn comes when the bus of this one is there.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _turn, null) is { } turn) { _ = Pass(turn, services.GetService<IBusControl>()); }
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => _stop.CancelAsync();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A start that came to nothing holds nobody up.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _turn, null) is { } turn) { await Pass(turn, bus: null).ConfigureAwait(false); }
    }

    private async Task Pass(NpgsqlConnection turn, IBusControl? bus)
    {
        try
        {
            if (bus is not null)
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                limit.CancelAfter(TurnMax);
                _ = await bus.WaitForHealthStatus(BusHealthStatus.Healthy, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // It has had its turn, or ends.
        }

        try
        {
            await using (turn.ConfigureAwait(false))
            {
                // Not by closing: the session goes back to the pool as it is.
                await using var command = new NpgsqlCommand("select pg_advisory_unlock_all()", turn);
                _ = await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (NpgsqlException)
        {
            // The session is gone, and its turn with it.
        }
    }

    [LoggerMessage(LogLevel.Information, "another instance of {Schema} has not finished its start ({Reason}); starting beside it")]
    private partial void LogOutOfTurn(string schema, string reason);
}

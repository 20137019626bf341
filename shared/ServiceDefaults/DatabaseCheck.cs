using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace A2A.Micro.ServiceDefaults;

/// <summary>What the database says about itself.</summary>
/// <param name="Fsync">Whether it waits for the disk.</param>
/// <param name="SynchronousCommit">Whether a commit waits for that.</param>
/// <param name="IsSuperuser">Whether our role may do everything.</param>
/// <param name="Skew">How far its clock is from ours.</param>
public readonly record struct DatabaseFacts(string Fsync, string SynchronousCommit, bool IsSuperuser, TimeSpan Skew)
{
    /// <summary>Clocks further apart than this are refused.</summary>
    public static readonly TimeSpan SkewMax = TimeSpan.FromSeconds(30);

    /// <summary>Why a production host does not work with it; null: it does.</summary>
    public string? Refusal() =>
        Fsync != "on" ? "PostgreSQL runs with fsync=off: a crash could lose what was promised. Set fsync=on."
        : SynchronousCommit == "off" ? "PostgreSQL runs with synchronous_commit=off: a crash could lose what was promised. Set synchronous_commit=on."
        : IsSuperuser ? "The role in ConnectionStrings__Postgres is a superuser: give A2A.Micro a role that owns its database and nothing more."
        : Skew.Duration() > SkewMax ? $"The clock of this machine is {Skew.Duration().TotalSeconds:0} s away from the database's: synchronise it."
        : null;
}

/// <summary>
/// Asks the database about itself as soon as it can be reached, and ends the process when it is not fit for promises. Only in production, and not on
/// the own machine.
/// </summary>
public sealed partial class DatabaseCheck(
    NpgsqlDataSource source, IHostApplicationLifetime host, TimeProvider clock, ILogger<DatabaseCheck> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private const string Question = """
        SELECT current_setting('fsync'), current_setting('synchronous_commit'), (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), clock_timestamp()
        """;

    /// <summary>Whether a host has to ask.</summary>
    public static bool IsFor(string? connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString).Host is { } name && !name.StartsWith('/')
        && !name.Split(',').All(one => one is "localhost" || (System.Net.IPAddress.TryParse(one, out var address) && System.Net.IPAddress.IsLoopback(address)));

    /// <summary>One question.</summary>
    public async Task<DatabaseFacts> Ask(CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(Question);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        _ = await reader.ReadAsync(cancellation).ConfigureAwait(false);
        return new DatabaseFacts(
            reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), clock.GetUtcNow() - reader.GetFieldValue<DateTimeOffset>(3));
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            do
            {
                if (await Look(stoppingToken).ConfigureAwait(false)) { return; }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // It could not be asked; the next start asks again.
        }
    }

    private async Task<bool> Look(CancellationToken cancellation)
    {
        try
        {
            if ((await Ask(cancellation).ConfigureAwait(false)).Refusal() is not { } sentence) { return true; }
            LogRefused(log, sentence);
            await Console.Error.WriteLineAsync(sentence).ConfigureAwait(false);
            Environment.ExitCode = MicroHost.ConfigurationError;
            host.StopApplication();
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

    [LoggerMessage(1012, LogLevel.Critical, "{Sentence}")]
    private static partial void LogRefused(ILogger log, string sentence);
}

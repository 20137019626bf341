using System.Reflection;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace A2A.Micro.Persistence.Migrations;

/// <summary>
/// Brings a service's schema up to date before anything else starts: embedded <c>Migrations/NNNN_name.sql</c>, each once, in order, in its own
/// transaction, under an advisory lock so that instances may start together. Waits for a database that is not there yet; refuses one
/// that would lose acknowledged commits. A role that may not change the schema is content with one that lacks nothing.
/// </summary>
internal sealed partial class Migrator<TDb>(NpgsqlDataSource source, IDbContextFactory<TDb> databases, TimeProvider clock,
    ILogger<Migrator<TDb>> log) : IHostedLifecycleService, IMigrator
    where TDb : ModuleDb
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Runs before every ordinary hosted service starts.</summary>
    public Task StartingAsync(CancellationToken cancellationToken) => Migrate(cancellationToken);

    public async Task Migrate(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await Apply(cancellation).ConfigureAwait(false);
                return;
            }
            catch (NpgsqlException e) when (e.IsTransient || e is not PostgresException || e.SqlState == PostgresErrorCodes.CannotConnectNow)
            {
                LogWaiting(typeof(TDb).Name, e.Message);
                await Task.Delay(RetryDelay, clock, cancellation).ConfigureAwait(false);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task Apply(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation).ConfigureAwait(false);
        var schema = db.Schema;
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await RefuseUnsafeServer(connection, cancellation).ConfigureAwait(false);
        if (!await MayChange(connection, schema, cancellation).ConfigureAwait(false))
        {
            await RefusePending(connection, schema, cancellation).ConfigureAwait(false);
            return;
        }

        await Execute(connection, $"select pg_advisory_lock(hashtext('a2a.migrate.{schema}'))", cancellation).ConfigureAwait(false);
        try
        {
            await Execute(connection, $"""
                create schema if not exists {schema};
                create table if not exists {schema}.migration (
                    name text primary key, applied_at timestamptz not null default now());
                """, cancellation).ConfigureAwait(false);
            foreach (var (name, sql) in Scripts(schema))
            {
                await ApplyOnce(connection, schema, name, sql, cancellation).ConfigureAwait(false);
            }

            await Execute(connection, RoleGrants.Sql(schema, db.Role, db.WrittenOnce), cancellation).ConfigureAwait(false);
        }
        finally
        {
            await Execute(connection, $"select pg_advisory_unlock(hashtext('a2a.migrate.{schema}'))", CancellationToken.None)
                .ConfigureAwait(false);
        }
    }

    private static async Task<bool> MayChange(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select case when to_regnamespace($1) is null then has_database_privilege(current_database(), 'create') "
            + "else has_schema_privilege($1, 'create') end", connection);
        _ = command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schema });
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is true;
    }

    private static async Task RefusePending(NpgsqlConnection connection, string schema, CancellationToken cancellation)
    {
        HashSet<string> applied = [];
        try
        {
            await using var command = new NpgsqlCommand($"select name from {schema}.migration", connection);
            await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { _ = applied.Add(reader.GetString(0)); }
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InsufficientPrivilege)
        {
            // Nothing of ours is there yet, or not for this role: all is missing.
        }

        var missing = Scripts(schema).Select(script => script.Name).Where(name => !applied.Contains(name)).ToList();
        if (missing.Count > 0) { throw new PendingMigrationsException(schema, connection.UserName ?? "this role", missing); }
    }

    private async Task ApplyOnce(NpgsqlConnection connection, string schema, string name, string sql, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using (var claim = new NpgsqlCommand($"insert into {schema}.migration (name) values ($1) on conflict do nothing", connection))
        {
            _ = claim.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
            if (await claim.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false) == 0) { return; }
        }

        await Execute(connection, sql, cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        LogApplied(schema, name);
    }

    private static IEnumerable<(string Name, string Sql)> Scripts(string schema) =>
        new[] { typeof(ModuleDb).Assembly, typeof(TDb).Assembly }.SelectMany(Embedded)
            .OrderBy(script => script.Name, StringComparer.Ordinal)
            .Select(script => (script.Name, script.Sql.Replace("{schema}", schema, StringComparison.Ordinal)));

    private static IEnumerable<(string Name, string Sql)> Embedded(Assembly assembly)
    {
        const string Folder = ".Migrations.";
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            yield return (resource[(resource.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..], reader.ReadToEnd());
        }
    }

    private static async Task RefuseUnsafeServer(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off'", connection);
        if (await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is not true)
        {
            throw new InvalidOperationException(
                "PostgreSQL runs with fsync or synchronous_commit off: an accepted task could be lost. Switch both on.");
        }
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        _ = await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Warning, "{Db}: the database does not answer yet ({Reason}); trying again")]
    private partial void LogWaiting(string db, string reason);

    [LoggerMessage(LogLevel.Information, "migration {Name} applied to schema {Schema}")]
    private partial void LogApplied(string schema, string name);
}

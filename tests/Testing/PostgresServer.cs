using Npgsql;

namespace A2A.Micro.Testing;

/// <summary>A class fixture: a database of its own on the server of the test run, dropped afterwards.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string database = TestServers.FreshName("a2a_test_");
    private NpgsqlDataSource? source;

    /// <summary>For whoever opens connections of its own, such as a service under test: <c>ConnectionStrings__Postgres</c>.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>For the test's own looks into the database.</summary>
    public NpgsqlDataSource Source =>
        source ?? throw new InvalidOperationException("The fixture has not been initialised.");

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await OnServer($"CREATE DATABASE {database} TEMPLATE template0");
        ConnectionString = new NpgsqlConnectionStringBuilder(TestServers.Require(TestServers.Postgres))
        {
            Database = database,
            IncludeErrorDetail = true,
        }.ConnectionString;
        source = NpgsqlDataSource.Create(ConnectionString);
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (source is null)
        {
            return;
        }

        await source.DisposeAsync();
        // FORCE: a service under test that was killed may have left connections behind.
        await OnServer($"DROP DATABASE IF EXISTS {database} WITH (FORCE)");
    }

    /// <summary>Runs one statement in this fixture's database and returns how many rows it touched.</summary>
    public async Task<int> Execute(string sql, CancellationToken cancel = default)
    {
        await using var command = Source.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Reads one value from this fixture's database.</summary>
    public async Task<T> Read<T>(string sql, CancellationToken cancel = default)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancel) ?? throw new InvalidOperationException($"No row: {sql}"));
    }

    private static async Task OnServer(string sql)
    {
        await using var connection = new NpgsqlConnection(TestServers.Require(TestServers.Postgres));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

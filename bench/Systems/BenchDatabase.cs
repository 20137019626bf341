using Npgsql;

namespace A2A.Micro.Bench.Systems;

/// <summary>A database for one run, dropped afterwards.</summary>
public sealed class BenchDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource _server;

    private BenchDatabase(NpgsqlDataSource server, string name, NpgsqlConnectionStringBuilder own) =>
        (_server, Name, ConnectionString, Source) = (server, name, own.ConnectionString, NpgsqlDataSource.Create(own));

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The way to it, password and all; what a source says of itself leaves that out.</summary>
    public string ConnectionString { get; }

    /// <summary>Connections to it.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>Creates it.</summary>
    public static async Task<BenchDatabase> Create(Servers servers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(servers);
        var name = "a2a_bench_" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("n");
        var server = NpgsqlDataSource.Create(servers.Database);
        await using var command = server.CreateCommand($"create database {name} template template0");
        _ = await command.ExecuteNonQueryAsync(cancellation);
        var own = new NpgsqlConnectionStringBuilder(servers.Database.ConnectionString) { Database = name };
        return new BenchDatabase(server, name, own);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        // force: a service that was killed may have left connections behind.
        await using (var command = _server.CreateCommand($"drop database if exists {Name} with (force)"))
        {
            _ = await command.ExecuteNonQueryAsync();
        }

        await _server.DisposeAsync();
    }
}

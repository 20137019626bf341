using Npgsql;

namespace A2A.Micro.Bench.Systems;

/// <summary>A database for one run, dropped afterwards.</summary>
public sealed class BenchDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource _server;

    private BenchDatabase(NpgsqlDataSource server, string name, NpgsqlDataSource source) =>
        (_server, Name, Source) = (server, name, source);

    /// <summary>Its name.</summary>
    public string Name { get; }

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
        return new BenchDatabase(server, name, NpgsqlDataSource.Create(own));
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

using A2A.Micro.Bench.Measuring;
using Npgsql;
using RabbitMQ.Client;

namespace A2A.Micro.Bench;

/// <summary>Broker and database of a run.</summary>
public sealed class Servers
{
    private const string BrokerName = "A2A_TEST_RABBITMQ";
    private const string DatabaseName = "A2A_TEST_POSTGRES";

    private readonly int? _brokerProcess;
    private readonly int? _databaseProcess;

    private Servers(Uri broker, NpgsqlConnectionStringBuilder database)
    {
        (Broker, Database) = (broker, database);
        _brokerProcess = Listeners.On(broker.Port);
        _databaseProcess = Listeners.On(database.Port);
    }

    /// <summary>The broker.</summary>
    public Uri Broker { get; }

    /// <summary>The database server, by a role that may create databases.</summary>
    public NpgsqlConnectionStringBuilder Database { get; }

    /// <summary>The virtual host of the broker.</summary>
    public string VirtualHost => Broker.AbsolutePath.Trim('/') is { Length: > 0 } name ? name : "/";

    /// <summary>Whether the processes of both were found, so that their use is part of the sums.</summary>
    public bool AreWatched => _brokerProcess is not null && _databaseProcess is not null;

    /// <summary>From the environment; null after a message when it is not there.</summary>
    public static Servers? FromEnvironment()
    {
        var broker = Environment.GetEnvironmentVariable(BrokerName);
        var database = Environment.GetEnvironmentVariable(DatabaseName);
        if (broker is not null && database is not null)
        {
            return new Servers(new Uri(broker), new NpgsqlConnectionStringBuilder(database));
        }

        Console.Error.WriteLine($"{BrokerName} and {DatabaseName} are not set: start with bench/run.sh, which brings both servers.");
        Environment.ExitCode = 2;
        return null;
    }

    /// <summary>The broker's process, when it is on this machine.</summary>
    public IEnumerable<Watched> WatchedBroker() =>
        _brokerProcess is { } process ? [new Watched("RabbitMQ", process)] : [];

    /// <summary>The database's processes, when they are on this machine.</summary>
    public IEnumerable<Watched> WatchedDatabase() =>
        _databaseProcess is { } process ? [new Watched("PostgreSQL", process, WithChildren: true)] : [];

    /// <summary>Versions, for the report.</summary>
    public async Task<(string Broker, string Database)> Versions(CancellationToken cancellation)
    {
        await using var connection = await new ConnectionFactory { Uri = Broker }.CreateConnectionAsync(cancellation);
        var broker = connection.ServerProperties?["version"] is byte[] text ? System.Text.Encoding.UTF8.GetString(text) : "unknown";
        await using var source = NpgsqlDataSource.Create(Database);
        await using var database = await source.OpenConnectionAsync(cancellation);
        return (broker, database.PostgreSqlVersion.ToString());
    }
}

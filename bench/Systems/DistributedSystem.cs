using System.Globalization;
using A2A.Micro.Contracts.Wire;
using Npgsql;
using RabbitMQ.Client;

namespace A2A.Micro.Bench.Systems;

/// <summary>Four services and an agent, a process each, on RabbitMQ and PostgreSQL with everything durable.</summary>
public static class DistributedSystem
{
    /// <summary>What the report calls it.</summary>
    public const string Name = "distributed";

    /// <summary>The same with everything on: accounts, signatures, keys, roles, walls, passes, the audit.</summary>
    public const string Secured = "secured";

    /// <summary>The same, and every task has a secret.</summary>
    public const string Sealed = "sealed";

    private static readonly string[] Queues =
    [
        Endpoints.Tasks, Endpoints.Allocations, Endpoints.Agents, Endpoints.Transitions, Endpoints.Status, "scheduler.control",
        Endpoints.Agent(NoopAgent.AgentId), Endpoints.AgentControl(NoopAgent.AgentId),
    ];

    /// <summary>Starts all processes on a database.</summary>
    /// <param name="name">What the report calls it.</param>
    /// <param name="servers">Broker and database.</param>
    /// <param name="database">Its name.</param>
    /// <param name="fortress">Makes it safe; null: it is open to its own machine.</param>
    public static async Task<SystemUnderTest> Start(string name, Servers servers, string database, Fortress? fortress)
    {
        ArgumentNullException.ThrowIfNull(servers);
        var stateSyncPort = SystemUnderTest.FreePort();
        var open = Settings(servers, database);
        open["StateSync__Url"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{stateSyncPort}/");
        if (fortress is not null) { await Migrate(servers, open); }
        ChildProcess[] processes =
        [
            Start("Gateway", SystemUnderTest.FreePort()),
            Start("Scheduler", SystemUnderTest.FreePort()),
            Start("ResourceManager", SystemUnderTest.FreePort()),
            Start("StateSync", stateSyncPort),
            ChildProcess.Start("agent", SystemUnderTest.Assembly("Bench"), SystemUnderTest.FreePort(), Of("agent"), "agent"),
        ];
        return new SystemUnderTest(name, processes[0].Address, processes);

        ChildProcess Start(string service, int port) =>
            ChildProcess.Start(service, SystemUnderTest.Assembly(service), port, Of(service));

        IReadOnlyDictionary<string, string> Of(string process) => fortress is null ? open : fortress.Settings(process, open);
    }

    // As the owner of the database, before services run in roles that may change nothing.
    private static async Task Migrate(Servers servers, IReadOnlyDictionary<string, string> settings)
    {
        foreach (var service in (string[])["Gateway", "Scheduler", "ResourceManager", "StateSync"])
        {
            await using var process = ChildProcess.Start(service, SystemUnderTest.Assembly(service), SystemUnderTest.FreePort(), settings, "--migrate");
            if (await process.Ends() is var code && code == 0) { continue; }
            throw new InvalidOperationException($"{service} --migrate ended with {code}:\n{process.Tail()}");
        }

        await Fortress.Grant(servers);
    }

    /// <summary>Removes what an earlier run left on the broker: messages about tasks that no database knows any more.</summary>
    public static async Task Clean(Servers servers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(servers);
        await using var connection = await new ConnectionFactory { Uri = servers.Broker }.CreateConnectionAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        foreach (var queue in Queues) { _ = await channel.QueueDeleteAsync(queue, cancellationToken: cancellation); }
    }

    private static Dictionary<string, string> Settings(Servers servers, string database)
    {
        var account = servers.Broker.UserInfo.Split(':').Select(Uri.UnescapeDataString).ToArray();
        return new Dictionary<string, string>
        {
            ["ConnectionStrings__Postgres"] =
                new NpgsqlConnectionStringBuilder(servers.Database.ConnectionString) { Database = database }.ConnectionString,
            ["RabbitMq__Host"] = servers.Broker.Host,
            ["RabbitMq__Port"] = servers.Broker.Port.ToString(CultureInfo.InvariantCulture),
            ["RabbitMq__User"] = account[0],
            ["RabbitMq__Password"] = account[1],
            ["RabbitMq__VirtualHost"] = servers.VirtualHost,
        };
    }
}

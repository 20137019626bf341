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

    private static readonly string[] Queues =
    [
        Endpoints.Tasks, Endpoints.Allocations, Endpoints.Agents, Endpoints.Transitions, Endpoints.Status, "scheduler.control",
        Endpoints.Agent(NoopAgent.AgentId), Endpoints.AgentControl(NoopAgent.AgentId),
    ];

    /// <summary>Starts all processes on a database.</summary>
    public static SystemUnderTest Start(Servers servers, string database)
    {
        ArgumentNullException.ThrowIfNull(servers);
        var stateSyncPort = SystemUnderTest.FreePort();
        var settings = Settings(servers, database);
        settings["StateSync__Url"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{stateSyncPort}/");
        ChildProcess[] processes =
        [
            Start("Gateway", SystemUnderTest.FreePort()),
            Start("Scheduler", SystemUnderTest.FreePort()),
            Start("ResourceManager", SystemUnderTest.FreePort()),
            Start("StateSync", stateSyncPort),
            ChildProcess.Start("agent", SystemUnderTest.Assembly("Bench"), SystemUnderTest.FreePort(), settings, "agent"),
        ];
        return new SystemUnderTest(Name, processes[0].Address, processes);

        ChildProcess Start(string service, int port) =>
            ChildProcess.Start(service, SystemUnderTest.Assembly(service), port, settings);
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
            ["RabbitMq__VirtualHost"] = servers.Broker.AbsolutePath.Trim('/') is { Length: > 0 } name ? name : "/",
        };
    }
}

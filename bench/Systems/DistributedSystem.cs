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
        var (gateway, stateSync) = (SystemUnderTest.FreePort(), SystemUnderTest.FreePort());
        var settings = Settings(servers, database);
        settings["StateSync__Url"] = SystemUnderTest.AddressOf(stateSync).ToString();
        return new SystemUnderTest(Name, SystemUnderTest.AddressOf(gateway),
        [
            Start("Scheduler", "Scheduler", [], settings, SystemUnderTest.FreePort()),
            Start("ResourceManager", "ResourceManager", [], settings, SystemUnderTest.FreePort()),
            Start("StateSync", "StateSync", [], settings, stateSync),
            Start("Gateway", "Gateway", [], settings, gateway),
            Start("agent", "Bench", ["agent"], settings, SystemUnderTest.FreePort()),
        ]);
    }

    /// <summary>Removes what an earlier run left on the broker: messages about tasks that no database knows any more.</summary>
    public static async Task Clean(Servers servers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(servers);
        await using var connection = await new ConnectionFactory { Uri = servers.Broker }.CreateConnectionAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        foreach (var queue in Queues) { _ = await channel.QueueDeleteAsync(queue, cancellationToken: cancellation); }
    }

    private static ChildProcess Start(
        string name, string project, string[] arguments, Dictionary<string, string> settings, int port) =>
        ChildProcess.Start(name, SystemUnderTest.Assembly(project), arguments, new Dictionary<string, string>(settings)
        {
            ["ASPNETCORE_HTTP_PORTS"] = port.ToString(CultureInfo.InvariantCulture),
        });

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
            ["Logging__LogLevel__Default"] = "Warning",
        };
    }
}

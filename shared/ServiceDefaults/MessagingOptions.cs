using System.ComponentModel.DataAnnotations;
using RabbitMQ.Client;

namespace A2A.Micro.ServiceDefaults;

/// <summary>How the broker is reached; section <c>RabbitMq</c>, so <c>RabbitMq__Host</c> in the environment.</summary>
public sealed class MessagingOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "RabbitMq";

    /// <summary>Host name, or several separated by commas: the nodes of one cluster, tried in turn.</summary>
    public string Host { get; set; } = "";

    /// <summary>AMQP port of every node.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 5672;

    /// <summary>TLS to every node, whose certificate must be good for its name.</summary>
    public bool Tls { get; set; }

    /// <summary>Whose account.</summary>
    [Required]
    public string User { get; set; } = "guest";

    /// <summary>Its password.</summary>
    [Required]
    public string Password { get; set; } = "guest";

    /// <summary>Virtual host.</summary>
    [Required]
    public string VirtualHost { get; set; } = "/";

    /// <summary>Deliveries that one endpoint holds at the same time, 1 to 2000.</summary>
    [Range(1, 2000)]
    public int PrefetchCount { get; set; } = 64;

    /// <summary>Seconds between heartbeats of the connection, 1 to 60; a dead peer is noticed after two of them.</summary>
    [Range(1, 60)]
    public int HeartbeatSeconds { get; set; } = 10;

    /// <summary>Members of a quorum queue when it is declared first, 1 to 7; more than the cluster has nodes is refused by it.</summary>
    [Range(1, 7)]
    public int QuorumSize { get; set; } = 1;

    /// <summary>
    /// Seconds that the bus may stay away from a broker that can be reached, before the process ends to be started again; 30 to 3600.
    /// </summary>
    [Range(30, 3600)]
    public int StallSeconds { get; set; } = 120;

    /// <summary>A way to the broker beside MassTransit's, and its nodes.</summary>
    public (ConnectionFactory Factory, IReadOnlyList<AmqpTcpEndpoint> Nodes) Connecting() => (
        new ConnectionFactory
        {
            UserName = User,
            Password = Password,
            VirtualHost = VirtualHost,
            RequestedHeartbeat = TimeSpan.FromSeconds(HeartbeatSeconds),
            AutomaticRecoveryEnabled = false,
        },
        [.. Hosts().Select(host => Tls ? new AmqpTcpEndpoint(host, Port, new SslOption(host, enabled: true)) : new AmqpTcpEndpoint(host, Port))]);

    /// <summary>The nodes of <see cref="Host"/>.</summary>
    public IReadOnlyList<string> Hosts() =>
        Host.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

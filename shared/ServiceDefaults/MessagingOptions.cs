using System.ComponentModel.DataAnnotations;
using System.Globalization;
using RabbitMQ.Client;

namespace A2A.Micro.ServiceDefaults;

/// <summary>How the broker is reached; section <c>RabbitMq</c>, so <c>RabbitMq__Host</c> in the environment.</summary>
public sealed class MessagingOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "RabbitMq";

    /// <summary>Host name, or several separated by commas: the nodes of one cluster, tried in turn, each perhaps with its port.</summary>
    public string Host { get; set; } = "";

    /// <summary>AMQP port of every node that has none of its own.</summary>
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
    public int StallSeconds { get; set; } = 60;

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
        [.. Nodes().Select(node =>
            Tls ? new AmqpTcpEndpoint(node.Host, node.Port, new SslOption(node.Host, enabled: true)) : new AmqpTcpEndpoint(node.Host, node.Port))]);

    /// <summary>The host names of <see cref="Nodes"/>.</summary>
    public IReadOnlyList<string> Hosts() => [.. Nodes().Select(node => node.Host)];

    /// <summary>The nodes of <see cref="Host"/>.</summary>
    public IReadOnlyList<BrokerNode> Nodes() =>
    [
        .. Host.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(node =>
            node.LastIndexOf(':') is > 0 and var colon && int.TryParse(node.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                ? new BrokerNode(node[..colon], port)
                : new BrokerNode(node, Port)),
    ];
}

/// <summary>One node of the broker.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Port">Its AMQP port.</param>
public readonly record struct BrokerNode(string Host, int Port);

using System.ComponentModel.DataAnnotations;

namespace A2A.Micro.Security.Broker;

/// <summary>How the parts of an installation trust each other over the broker; section <c>Security</c>, so <c>Security__Broker</c>.</summary>
public sealed class BrokerOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Security";

    /// <summary>
    /// <c>identities</c>: every agent has an account of its own and signs what it says, services sign what they say to agents. <c>plain</c>: everybody
    /// who reaches the broker is believed.
    /// </summary>
    [RegularExpression("(?i)plain|identities", ErrorMessage = "must be plain or identities")]
    public string Broker { get; set; } = "plain";

    /// <summary>With identities: the file that says whose keys count, as <c>a2a agents enrol</c> keeps it. Read again when it changes.</summary>
    public string? TrustFile { get; set; }

    /// <summary>With identities: the private key of this process: a line <c>kid=name</c> and the key in PEM. Read again when it changes.</summary>
    public string? SigningKeyFile { get; set; }

    /// <summary>
    /// With identities: the oldest signature that counts, 1 to 144 hours. What waits in a queue while its reader is down must not be lost; what comes
    /// twice within it is recognised by its id, which is kept for seven days.
    /// </summary>
    [Range(1, 144)]
    public int MessageAgeMaxHours { get; set; } = 24;

    /// <summary>With identities: by how much a sender's clock may be ahead, 1 to 3600 seconds.</summary>
    [Range(1, 3600)]
    public int ClockSkewMaxSeconds { get; set; } = 300;

    /// <summary>
    /// With identities: the largest message of an agent that is read, as it travels, 1 to 16 MiB. The largest that the SDK sends is a bulk of some 6.5 MiB.
    /// </summary>
    [Range(1024 * 1024, 16 * 1024 * 1024)]
    public int AgentMessageBytesMax { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// The network between the parts is private, as that of the containers of one machine: they may talk in clear text. Otherwise a production host
    /// insists on TLS to broker and database.
    /// </summary>
    public bool TrustNetwork { get; set; }

    /// <summary>Whether agents have accounts.</summary>
    public bool HasIdentities => string.Equals(Broker, "identities", StringComparison.OrdinalIgnoreCase);
}

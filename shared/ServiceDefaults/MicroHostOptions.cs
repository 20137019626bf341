using System.ComponentModel.DataAnnotations;

namespace A2A.Micro.ServiceDefaults;

/// <summary>What every host can be told; section <c>A2A</c>, so <c>A2A__AllowRemote</c> in the environment.</summary>
public sealed class MicroHostOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "A2A";

    /// <summary>Overrides where messages travel: <c>inmemory</c> or <c>rabbitmq</c>.</summary>
    public string? Transport { get; set; }

    /// <summary>Overrides where facts are kept: <c>inmemory</c> or <c>postgres</c>.</summary>
    public string? Stores { get; set; }

    /// <summary>Lets a host whose messages stay in memory listen on more than the loopback address.</summary>
    public bool AllowRemote { get; set; }

    /// <summary>Lets a production host use the broker's default password over the network.</summary>
    public bool AllowInsecure { get; set; }

    /// <summary>Largest body of an HTTP request in bytes, 1 KiB to 64 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public long MaxRequestBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>Longest that one attempt of a consumer may take, in seconds, 1 to 600 (reliability 1.2).</summary>
    [Range(1, 600)]
    public int ConsumerLimitSeconds { get; set; } = 30;

    /// <summary>
    /// Seconds between "not ready" and the end of the listening socket when the process is told to stop, 0 to 60: the time a load
    /// balancer needs to look.
    /// </summary>
    [Range(0, 60)]
    public int DrainSeconds { get; set; }
}

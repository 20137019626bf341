using System.ComponentModel.DataAnnotations;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>How webhooks are sent to; section <c>A2A:Webhooks</c>, so <c>A2A__Webhooks__Timeout</c> in the environment.</summary>
public sealed class WebhookOptions
{
    /// <summary>The section.</summary>
    public const string Section = "A2A:Webhooks";

    /// <summary>Most webhooks of one tenant.</summary>
    [Range(1, 10_000, ErrorMessage = "A2A__Webhooks__Max must be 1 to 10000.")]
    public int Max { get; set; } = 100;

    /// <summary>How long an attempt may take, until the head of the answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30", ErrorMessage = "A2A__Webhooks__Timeout must be 00:00:00.100 to 00:00:30.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts to one webhook that one Gateway makes at once; a slow receiver holds these and no others.</summary>
    [Range(1, 256, ErrorMessage = "A2A__Webhooks__AtOncePerWebhook must be 1 to 256.")]
    public int AtOncePerWebhook { get; set; } = 8;

    /// <summary>How often it is looked for what is due; new events are sent without waiting for it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00", ErrorMessage = "A2A__Webhooks__PollInterval must be 00:00:00.050 to 00:01:00.")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Pauses after the first, second, ... failed attempt; empty: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h. The failure after the last
    /// one ends it.
    /// </summary>
    public IList<TimeSpan> RetryDelays { get; } = [];

    /// <summary>A webhook that has got nothing through for so long is disabled.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "90.00:00:00", ErrorMessage = "A2A__Webhooks__DisableAfter must be 00:00:00.100 to 90.00:00:00.")]
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>A webhook that has more deliveries to come is disabled.</summary>
    [Range(1, 100_000_000, ErrorMessage = "A2A__Webhooks__PendingMax must be 1 to 100000000.")]
    public int PendingMax { get; set; } = 1_000_000;

    /// <summary>How long the log keeps what was delivered or has failed.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00", ErrorMessage = "A2A__Webhooks__KeepLogFor must be 00:01:00 to 365.00:00:00.")]
    public TimeSpan KeepLogFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Deliveries carry the signatures of both secrets for so long after a rotation, unless the caller says otherwise.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00", ErrorMessage = "A2A__Webhooks__SecretOverlap must be 00:00:00 to 30.00:00:00.")]
    public TimeSpan SecretOverlap { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Whether addresses of this machine and of private networks may be sent to, over http too and to any port. For trying things out.</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>Hosts that may be sent to, such as <c>hooks.example.com</c> or <c>*.example.com</c>; empty: all public ones.</summary>
    public IList<string> HostsAllowed { get; } = [];
}

using System.ComponentModel.DataAnnotations;
using A2A.Micro.Security.Identity;

namespace A2A.Micro.Security;

/// <summary>How a host tells friend from stranger; section <c>Security</c>, so <c>Security__Mode</c> in the environment.</summary>
public sealed class SecurityOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Security";

    /// <summary>
    /// <c>required</c>: nothing is answered without a credential. <c>open</c>: everybody may do everything; on the loopback address only, and not in
    /// Production where facts are kept. Not set: open for a host in memory, required for any other.
    /// </summary>
    [RegularExpression("(?i)required|open", ErrorMessage = "Security__Mode must be required or open.")]
    public string? Mode { get; set; }

    /// <summary>The part of an API key that names the installation; keys of another one are refused before anything is looked up.</summary>
    [RegularExpression("[a-z0-9]{1,16}", ErrorMessage = "Security__Environment must be 1 to 16 of a-z 0-9.")]
    public string Environment { get; set; } = "prod";

    /// <summary>A file with an API key that is accepted from the start with all rights, so that the first keys can be made.</summary>
    public string? AdminKeyFile { get; set; }

    /// <summary>Whose tokens are taken; none: API keys only.</summary>
    public IList<TokenIssuer> Issuers { get; } = [];

    /// <summary>How long a credential that was checked once is taken as it was; the longest that a revoked one still works.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05", ErrorMessage = "Security__RememberFor must be 00:00:00 to 00:00:05.")]
    public TimeSpan RememberFor { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Most credentials that are remembered at once.</summary>
    [Range(16, 1_000_000, ErrorMessage = "Security__RememberMax must be 16 to 1000000.")]
    public int RememberMax { get; set; } = 10_000;

    /// <summary>Credentials per second that one address may present in vain in the long run; beyond: 429 before anything is checked.</summary>
    [Range(1, 10_000, ErrorMessage = "Security__FailuresPerSecondMax must be 1 to 10000.")]
    public int FailuresPerSecondMax { get; set; } = 20;

    /// <summary>Requests per second of one credential in the long run; 0: as many as it wants.</summary>
    [Range(0, 1_000_000, ErrorMessage = "Security__KeyRequestsPerSecondMax must be 0 to 1000000; 0 means no limit.")]
    public int KeyRequestsPerSecondMax { get; set; } = 50;

    /// <summary>Requests of one credential at once after a pause.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Security__KeyRequestsBurstMax must be 1 to 1000000.")]
    public int KeyRequestsBurstMax { get; set; } = 200;

    /// <summary>Event streams and waiting calls of one tenant at once.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Security__WatchersPerTenantMax must be 1 to 1000000.")]
    public int WatchersPerTenantMax { get; set; } = 100;

    /// <summary>Tasks of one tenant that have not ended, beyond which the Gateway takes no more of it; 0: as many as it wants. Open hosts do not ask.</summary>
    [Range(0, 10_000_000, ErrorMessage = "Security__OpenTasksPerTenantMax must be 0 to 10000000; 0 means no limit.")]
    public int OpenTasksPerTenantMax { get; set; } = 10_000;

    /// <summary>A file to which the end of the audit is written every minute; on another disk than the database, best where lines can only be added.</summary>
    public string? AuditAnchorFile { get; set; }

    /// <summary>Whether everybody may come in; null: the host decides.</summary>
    public bool? IsOpen => Mode is null ? null : string.Equals(Mode, "open", StringComparison.OrdinalIgnoreCase);
}

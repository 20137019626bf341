namespace A2A.Micro.Security.Encryption;

/// <summary>Where the keys of this process are; section <c>Security</c>, so <c>Security__MasterKeyFile</c> in the environment.</summary>
public sealed class KeyOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Security";

    /// <summary>
    /// A file with the master keys for secrets in tasks: one a line, a name and 32 bytes in base64; the first wraps what is new. Read again when it
    /// changes. Needed by Gateway and Scheduler.
    /// </summary>
    public string? MasterKeyFile { get; set; }

    /// <summary>
    /// A file with the keys by which services know each other over HTTP: one a line, a name and 32 bytes in base64; the first is used, the others are
    /// still taken. Read again when it changes. Needed by Gateway and StateSync where they are two processes.
    /// </summary>
    public string? ServiceKeyFile { get; set; }
}

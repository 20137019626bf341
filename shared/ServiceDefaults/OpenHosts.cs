using Microsoft.Extensions.Hosting;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// Which hosts ask nobody for a credential: one whose messages stay in memory and that only its own machine reaches, unless it is told to ask; and one
/// that is told to be open, which is refused in Production. An open host is bound to the loopback address whatever else is configured.
/// </summary>
public static class OpenHosts
{
    private const string Key = "Security:Mode";

    /// <summary>Whether this host is open.</summary>
    public static bool IsOpen(HostSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        return setup.Configuration[Key] is { Length: > 0 } mode
            ? string.Equals(mode, "open", StringComparison.OrdinalIgnoreCase)
            : setup.Transport == TransportKind.InMemory
                && !string.Equals(setup.Configuration["A2A:AllowRemote"], "true", StringComparison.OrdinalIgnoreCase);
    }

    internal static void Check(HostSetup setup, IHostEnvironment environment)
    {
        if (setup.Configuration[Key] is { Length: > 0 } mode && mode.ToLowerInvariant() is not ("open" or "required"))
        {
            throw new StartupRefusedException($"Security__Mode is '{mode}': it must be required or open.");
        }

        if (IsOpen(setup) && setup.Transport == TransportKind.RabbitMq && environment.IsProduction())
        {
            throw new StartupRefusedException(
                "Security__Mode is 'open': a production host does not answer without credentials. Remove it, and make a key with a2a keys create.");
        }
    }
}

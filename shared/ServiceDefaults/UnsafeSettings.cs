using System.Net;
using A2A.Micro.Security;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Encryption;
using A2A.Micro.Security.Services;
using A2A.Micro.ServiceDefaults.Services;
using Npgsql;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// What a production host does not start with (security 10). Every refusal is one sentence that names the setting and what to do. The own machine is
/// trusted, and <c>A2A__AllowInsecure=true</c> is for a trial: neither is asked.
/// </summary>
public static class UnsafeSettings
{
    /// <summary>Modules that seal or open secrets.</summary>
    private static readonly string[] Sealers = ["gateway", "scheduler"];

    /// <summary>Modules that ask each other over HTTP when they are two processes.</summary>
    private static readonly string[] Neighbours = ["gateway", "state-sync"];

    private static readonly string[] WellKnown =
    [
        "guest", "admin", "password", "passw0rd", "secret", "changeme", "change-me", "postgres", "rabbitmq", "a2a", "test", "example",
        "a2a-local-only", "123456", "12345678", "letmein",
    ];

    private const int PasswordMin = 12;

    /// <summary>Throws at the first thing that is not safe.</summary>
    /// <param name="setup">Where messages and facts are.</param>
    /// <param name="host">The host's own settings.</param>
    /// <param name="messaging">The way to the broker.</param>
    /// <param name="isProduction">Whether it counts.</param>
    /// <param name="modules">What runs here.</param>
    /// <exception cref="StartupRefusedException">The sentence for the operator.</exception>
    public static void Refuse(
        HostSetup setup, MicroHostOptions host, MessagingOptions messaging, bool isProduction, IReadOnlyList<IModule> modules)
    {
        ArgumentNullException.ThrowIfNull(setup);
        KnownSettings.Check(setup.Configuration, modules);
        StartChecks.Validate(StartChecks.Bind<BrokerOptions>(setup.Configuration, BrokerOptions.Section), BrokerOptions.Section);
        CheckMasterKey(setup);
        CheckServiceKey(setup, modules);
        if (!isProduction || host.AllowInsecure) { return; }
        if (setup.Transport == TransportKind.RabbitMq && !messaging.Hosts().All(IsLoopback))
        {
            CheckAccount(messaging);
            CheckBus(setup, messaging, modules);
        }

        if (setup.Stores == Persistence.StoreKind.Postgres && modules.Any(module => module.KeepsFacts))
        {
            CheckDatabase(setup.Configuration["ConnectionStrings:Postgres"] ?? "", setup.Configuration["Security:TrustNetwork"]);
        }
    }

    private static void CheckMasterKey(HostSetup setup)
    {
        if (setup.Configuration[$"{KeyOptions.Section}:{nameof(KeyOptions.MasterKeyFile)}"] is not { Length: > 0 } path) { return; }
        try
        {
            _ = KeyVault.Read(path);
        }
        catch (SecurityBreachException e)
        {
            throw new StartupRefusedException(e.Message);
        }
    }

    // Two processes that answer for each other: without a key, whoever reaches one of them would be answered as the other.
    private static void CheckServiceKey(HostSetup setup, IReadOnlyList<IModule> modules)
    {
        if (ServiceCalls.KeyFileOf(setup) is { } path)
        {
            try
            {
                _ = ServiceKeys.Read(path);
            }
            catch (SecurityBreachException e)
            {
                throw new StartupRefusedException(e.Message);
            }
        }
        else if (!OpenHosts.IsOpen(setup) && modules.Count(module => Neighbours.Contains(module.Name)) == 1)
        {
            throw new StartupRefusedException(
                "Security__ServiceKeyFile is not set, so Gateway and StateSync would not know each other: run ./init-secrets.");
        }
    }

    private static void CheckAccount(MessagingOptions messaging)
    {
        if (messaging.User == "guest")
        {
            throw new StartupRefusedException("RabbitMq__User is guest, the broker's default account: make one of your own and delete it.");
        }

        if (Weakness(messaging.User, messaging.Password) is { } weak) { throw new StartupRefusedException($"RabbitMq__Password {weak}: run ./init-secrets."); }
    }

    private static void CheckBus(HostSetup setup, MessagingOptions messaging, IReadOnlyList<IModule> modules)
    {
        var options = StartChecks.Bind<BrokerOptions>(setup.Configuration, BrokerOptions.Section);
        if (!options.HasIdentities)
        {
            throw new StartupRefusedException(
                "Security__Broker is plain, so whoever reaches the broker is believed: set Security__Broker=identities, see docs/bus-security.md.");
        }

        if (!messaging.Tls && !options.TrustNetwork)
        {
            throw new StartupRefusedException(
                "RabbitMq__Tls is false, so everything travels in clear text: set it to true, or Security__TrustNetwork=true where nobody else can listen.");
        }

        if (modules.Any(module => Sealers.Contains(module.Name)) && string.IsNullOrWhiteSpace(setup.Configuration["Security:MasterKeyFile"]))
        {
            throw new StartupRefusedException("Security__MasterKeyFile is not set, so secrets in tasks could not be sealed: run ./init-secrets.");
        }
    }

    private static void CheckDatabase(string text, string? trusts)
    {
        NpgsqlConnectionStringBuilder database;
        try
        {
            database = new NpgsqlConnectionStringBuilder(text);
        }
        catch (ArgumentException)
        {
            throw new StartupRefusedException(
                "ConnectionStrings__Postgres cannot be read: it looks like 'Host=postgres;Database=a2a;Username=a2a;Password=...'.");
        }

        if (database.Host is not { } host || host.StartsWith('/') || host.Split(',').All(IsLoopback)) { return; }
        if (string.IsNullOrEmpty(database.Password)) { throw new StartupRefusedException("ConnectionStrings__Postgres has no password: run ./init-secrets."); }
        if (database.Username == "postgres")
        {
            throw new StartupRefusedException("ConnectionStrings__Postgres names postgres, the database's own superuser: give A2A.Micro a role of its own.");
        }

        if (Weakness(database.Username ?? "", database.Password) is { } weak)
        {
            throw new StartupRefusedException($"The password in ConnectionStrings__Postgres {weak}: run ./init-secrets.");
        }

        if (database.SslMode is SslMode.Disable or SslMode.Allow or SslMode.Prefer && !(bool.TryParse(trusts, out var trusted) && trusted))
        {
            throw new StartupRefusedException(
                "ConnectionStrings__Postgres does not insist on TLS: add SslMode=VerifyFull, or set Security__TrustNetwork=true where nobody else can listen.");
        }
    }

    private static string? Weakness(string user, string password) =>
        password == user ? "is the name of the account"
        : WellKnown.Contains(password, StringComparer.OrdinalIgnoreCase) ? "is one that everybody knows"
        : password.Length < PasswordMin ? $"has fewer than {PasswordMin} characters"
        : null;

    private static bool IsLoopback(string host) =>
        host.Split(':')[0] == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}

using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using A2A.Micro.Security;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Identity;
using A2A.Micro.Security.Signing;
using Npgsql;

namespace A2A.Micro.Bench.Systems;

/// <summary>
/// What a system needs to run with everything on: accounts at the broker, signing keys and the list of those that count, a role in the database for each
/// service, a key for the caller, keys between services and for secrets. Made for one run and taken away afterwards.
/// </summary>
public sealed class Fortress : IAsyncDisposable
{
    private const string ControlName = "A2A_TEST_RABBITMQCTL";
    private static readonly string[] Services = ["Gateway", "Scheduler", "ResourceManager", "StateSync"];
    private static readonly string[] Readers = ["gateway", "state_sync"];
    private readonly string _folder = Directory.CreateTempSubdirectory("a2a-bench-keys-").FullName;
    private readonly string _password = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
    private readonly string _control;
    private readonly string _virtualHost;

    private Fortress(string control, string virtualHost) => (_control, _virtualHost) = (control, virtualHost);

    /// <summary>What the caller shows.</summary>
    public string Key { get; } = ApiKeyText.New("bench").Show();

    /// <summary>Makes everything but the rights in the database, for which its schemas must be there: <see cref="Grant"/>.</summary>
    /// <exception cref="InvalidOperationException">The broker cannot be administered from here.</exception>
    public static async Task<Fortress> Build(Servers servers)
    {
        ArgumentNullException.ThrowIfNull(servers);
        var control = Environment.GetEnvironmentVariable(ControlName) ?? throw new InvalidOperationException(
            $"{ControlName} is not set: accounts are made by rabbitmqctl. bench/run.sh brings a broker with one.");
        var fortress = new Fortress(control, servers.VirtualHost);
        fortress.WriteKeys();
        foreach (var service in Services) { await fortress.Tell(Enrolment.Service(Account(service), servers.VirtualHost, fortress._password)); }
        await fortress.Tell(Enrolment.Enrol(NoopAgent.AgentId, servers.VirtualHost, fortress._password));
        await using var source = NpgsqlDataSource.Create(servers.Database);
        foreach (var service in Services)
        {
            await Quietly(source, $"CREATE ROLE {Role(service)} LOGIN");
            await Quietly(source, $"ALTER ROLE {Role(service)} LOGIN NOINHERIT PASSWORD '{fortress._password}'");
        }

        return fortress;
    }

    /// <summary>Once the schemas are there: what only a reader may see, by way of its service.</summary>
    public static async Task Grant(Servers servers)
    {
        ArgumentNullException.ThrowIfNull(servers);
        await using var source = NpgsqlDataSource.Create(servers.Database);
        foreach (var schema in Readers) { await Quietly(source, $"GRANT {TenantWall.ReaderOf(schema)} TO a2a_{schema}"); }
    }

    /// <summary>The settings of one process, over those of a system that is open.</summary>
    public IReadOnlyDictionary<string, string> Settings(string process, IReadOnlyDictionary<string, string> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        var isService = Services.Contains(process);
        var settings = new Dictionary<string, string>(open)
        {
            ["RabbitMq__User"] = isService ? "svc." + Account(process) : AgentAccount.User(NoopAgent.AgentId),
            ["RabbitMq__Password"] = _password,
            ["Security__Mode"] = "required",
            ["Security__Environment"] = "bench",
            ["Security__Broker"] = "identities",
            ["Security__TrustFile"] = In("trust.json"),
            ["Security__SigningKeyFile"] = In(isService ? "platform.key" : "agent.key"),
            ["Security__MasterKeyFile"] = In("master-key"),
            ["Security__ServiceKeyFile"] = In("service-key"),
            ["Security__AdminKeyFile"] = In("admin-key"),
            ["Security__AuditAnchorFile"] = In("anchors"),
            // One caller is the whole load; how much one may send is not what is measured.
            ["Security__KeyRequestsPerSecondMax"] = "0",
            ["Security__OpenTasksPerTenantMax"] = "0",
            ["A2A__ResourceManager__RunningPerTenantMax"] = "0",
        };
        if (isService)
        {
            settings["ConnectionStrings__Postgres"] = new NpgsqlConnectionStringBuilder(open["ConnectionStrings__Postgres"])
            {
                Username = Role(process),
                Password = _password,
            }.ConnectionString;
        }

        return settings;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var user in Services.Select(service => "svc." + Account(service)).Append(AgentAccount.User(NoopAgent.AgentId)))
        {
            await Tell([["delete_user", user]]);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string Account(string service) => "bench-" + service.ToLowerInvariant();

    private static string Role(string service) => service switch
    {
        "ResourceManager" => "a2a_resource_manager",
        "StateSync" => "a2a_state_sync",
        _ => "a2a_" + service.ToLowerInvariant(),
    };

    private string In(string name) => Path.Combine(_folder, name);

    private void WriteKeys()
    {
        using var platform = SigningKey.New("p1");
        using var agent = SigningKey.New("k1");
        Write("platform.key", SigningKeyFile.Print(platform));
        Write("agent.key", SigningKeyFile.Print(agent));
        Write("trust.json", new TrustList { Keys = [] }.With(KeyNames.Platform, platform).With(NoopAgent.AgentId, agent).Print());
        Write("master-key", $"m1 {Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}\n");
        Write("service-key", $"s1 {Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}\n");
        Write("admin-key", Key);
    }

    private void Write(string name, string text)
    {
        File.WriteAllText(In(name), text);
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(In(name), UnixFileMode.UserRead | UnixFileMode.UserWrite); }
    }

    // An account that an earlier run left is there already; its password is set anew.
    private async Task Tell(IReadOnlyList<IReadOnlyList<string>> steps)
    {
        foreach (var step in steps)
        {
            if (await Run(step) == 0 || step is not ["add_user", var user, var password]) { continue; }
            _ = await Run(["change_password", user, password]);
        }
    }

    private async Task<int> Run(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(_control, ["-q", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        _ = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static async Task Quietly(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        try { _ = await command.ExecuteNonQueryAsync(); }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
        {
            // Roles are the whole server's: an earlier run made it.
        }
    }
}

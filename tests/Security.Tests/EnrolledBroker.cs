using System.Security.Cryptography;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Signing;

namespace A2A.Micro.Security.Tests;

/// <summary>A virtual host with an account for the services and one for each enrolled agent, and the files with their keys.</summary>
public sealed class EnrolledBroker : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("a2a-trust-").FullName;
    private readonly string _mark = RandomNumberGenerator.GetHexString(8, lowercase: true);
    private readonly List<string> _users = [];
    private TrustList _trust = new() { Keys = [] };

    /// <summary>The virtual host and the way there.</summary>
    public RabbitBroker Broker { get; } = new();

    /// <summary>The list of keys that count.</summary>
    public string TrustFile => Path.Combine(_folder, "trust.json");

    /// <summary>Accounts are the whole broker's; agents of one test run must not meet those of another.</summary>
    public string Agent(string name) => $"{name}-{_mark}";

    /// <summary>The password of everybody.</summary>
    public string Password { get; private set; } = RandomNumberGenerator.GetHexString(24);

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await Broker.InitializeAsync();
        await Run(Enrolment.Service(_mark, Broker.VirtualHost, Password));
        _users.Add("svc." + _mark);
        Rotate(KeyNames.Platform, "p1");
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        foreach (var user in _users) { _ = await RabbitBroker.Control("delete_user", user); }
        await Broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What <c>a2a agents enrol</c> does.</summary>
    public async Task Enrol(string agentId)
    {
        await Run(Enrolment.Enrol(agentId, Broker.VirtualHost, Password));
        _users.Add(AgentAccount.User(agentId));
        Rotate(agentId, "k1");
    }

    /// <summary>What <c>a2a agents suspend</c> does.</summary>
    public async Task Suspend(string agentId)
    {
        await Run(Enrolment.Suspend(agentId, Broker.VirtualHost));
        _trust = _trust.Without(agentId);
        File.WriteAllText(TrustFile, _trust.Print());
    }

    /// <summary>Gives the services and some agents another password, as <c>init-secrets password</c> does.</summary>
    public async Task ChangePassword(params string?[] agents)
    {
        Password = RandomNumberGenerator.GetHexString(24);
        foreach (var agent in agents)
        {
            _ = await RabbitBroker.Control("change_password", agent is null ? "svc." + _mark : AgentAccount.User(agent), Password);
        }
    }

    /// <summary>Gives somebody another key: those who verify know it before it is used.</summary>
    public void Rotate(string owner, string kid)
    {
        using var key = SigningKey.New(kid);
        _trust = _trust.With(owner, key);
        File.WriteAllText(TrustFile, _trust.Print());
        Pending[owner] = SigningKeyFile.Print(key);
        if (!File.Exists(KeyFile(owner))) { Use(owner); }
    }

    /// <summary>From now on the newest key of somebody signs.</summary>
    public void Use(string owner)
    {
        File.WriteAllText(KeyFile(owner), Pending[owner]);
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(KeyFile(owner), UnixFileMode.UserRead | UnixFileMode.UserWrite); }
    }

    /// <summary>The settings of a service, or of an agent.</summary>
    public string[] Settings(string? agentId = null) =>
    [
        .. Broker.Settings.Select(pair => $"--{pair.Key.Replace("__", ":", StringComparison.Ordinal)}={pair.Value}"),
        $"--RabbitMq:User={(agentId is null ? "svc." + _mark : AgentAccount.User(agentId))}", $"--RabbitMq:Password={Password}",
        "--environment=Test", "--Security:Mode=open", "--Security:Broker=identities", $"--Security:TrustFile={TrustFile}",
        $"--Security:SigningKeyFile={KeyFile(agentId ?? KeyNames.Platform)}",
        "--Logging:LogLevel:Default=Warning", "--urls=http://127.0.0.1:0",
    ];

    /// <summary>The private key of somebody.</summary>
    public string KeyFile(string owner) => Path.Combine(_folder, owner + ".key");

    private Dictionary<string, string> Pending { get; } = [];

    private static async Task Run(IReadOnlyList<IReadOnlyList<string>> steps)
    {
        foreach (var step in steps) { _ = await RabbitBroker.Control([.. step]); }
    }
}

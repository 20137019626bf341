using A2A.Micro.Gateway;
using A2A.Micro.Persistence;
using A2A.Micro.Security.Signing;
using A2A.Micro.ServiceDefaults;

namespace A2A.Micro.Security.Tests;

/// <summary>A production host does not start with what is not safe, and says which setting and what to do.</summary>
[Trait("Requirement", "60")]
public sealed class UnsafeSettingsTests : IDisposable
{
    private const string Good = "0123456789abcdef";
    private readonly string _folder = Directory.CreateTempSubdirectory("a2a-unsafe-").FullName;

    [Theory]
    [InlineData("RabbitMq__User is guest", "RabbitMq:User=guest")]
    [InlineData("RabbitMq__Password", "RabbitMq:Password=guest")]
    [InlineData("RabbitMq__Password is not valid", "RabbitMq:Password=")]
    [InlineData("RabbitMq__Password is one that everybody knows", "RabbitMq:Password=a2a-local-only")]
    [InlineData("RabbitMq__Password is one that everybody knows", "RabbitMq:Password=changeme")]
    [InlineData("RabbitMq__Password is one that everybody knows", "RabbitMq:Password=Password")]
    [InlineData("RabbitMq__Password is the name of the account", "RabbitMq:Password=svc.gateway")]
    [InlineData("RabbitMq__Password has fewer than 12 characters", "RabbitMq:Password=s3cr3t!")]
    [InlineData("RabbitMq__User is 'gateway': with Security__Broker=identities the account of a service begins with svc.", "RabbitMq:User=gateway")]
    [InlineData("RabbitMq__Host is not set", "RabbitMq:Host=")]
    [InlineData("RabbitMq__Port is 'x'", "RabbitMq:Port=x")]
    [InlineData("RabbitMq__Pasword is no setting", "RabbitMq:Pasword=x")]
    [InlineData("RabbitMq__Tls is false", "Security:TrustNetwork=false")]
    [InlineData("RabbitMq__Tls is 'yes'", "RabbitMq:Tls=yes")]
    [InlineData("Security__Broker is plain", "Security:Broker=plain")]
    [InlineData("Security__Broker is not valid: must be plain or identities", "Security:Broker=identity")]
    [InlineData("Security__Brokr is no setting", "Security:Brokr=identities")]
    [InlineData("A2A__Gatway is no setting: A2A has AllowInsecure", "A2A:Gatway:RequestsPerSecond=5")]
    [InlineData("A2A__Gateway__RequestPerSecond is no setting", "A2A:Gateway:RequestPerSecond=5")]
    [InlineData("A2A__Webhooks__AllowPrivat is no setting", "A2A:Webhooks:AllowPrivat=false")]
    [InlineData("A2A__Outbox__Xyz is no setting", "A2A:Outbox:Xyz=1")]
    [InlineData("StateSync__Uri is no setting", "StateSync:Uri=http://x")]
    [InlineData("Security__Issuers__0__Audiance is no setting", "Security:Issuers:0:Issuer=https://x", "Security:Issuers:0:Audiance=x")]
    [InlineData("A2A__Gateway__TypeDefaults__0__Typ is no setting", "A2A:Gateway:TypeDefaults:0:Typ=data.*")]
    [InlineData("Security__TrustNetwork is 'maybe'", "Security:TrustNetwork=maybe")]
    [InlineData("Security__TrustFile is not set", "Security:TrustFile=")]
    [InlineData("Security__TrustFile names /nowhere/trust.json, which cannot be read", "Security:TrustFile=/nowhere/trust.json")]
    [InlineData("Security__TrustFile names {0}/open.json, which can be written by others", "Security:TrustFile={0}/open.json")]
    [InlineData("Security__TrustFile names {0}/garbage: it is not the JSON of a list of keys", "Security:TrustFile={0}/garbage")]
    [InlineData("Security__SigningKeyFile is not set", "Security:SigningKeyFile=")]
    [InlineData("Security__SigningKeyFile names /nowhere/key, which cannot be read", "Security:SigningKeyFile=/nowhere/key")]
    [InlineData("Security__SigningKeyFile names {0}/open.key, which can be read or written by others", "Security:SigningKeyFile={0}/open.key")]
    [InlineData("does not begin with a line such as kid=k1", "Security:SigningKeyFile={0}/garbage")]
    [InlineData("it is not a private key on the curve P-256 in PEM", "Security:SigningKeyFile={0}/short.key")]
    [InlineData("Security__MessageAgeMaxHours is not valid", "Security:MessageAgeMaxHours=1000")]
    [InlineData("Security__ClockSkewMaxSeconds is not valid", "Security:ClockSkewMaxSeconds=0")]
    [InlineData("Security__MasterKeyFile is not set", "Security:MasterKeyFile=")]
    [InlineData("Security__MasterKeyFile names /nowhere/master, which cannot be read", "Security:MasterKeyFile=/nowhere/master")]
    [InlineData("Security__MasterKeyFile names {0}/open.key, which can be read or written by others", "Security:MasterKeyFile={0}/open.key")]
    [InlineData("each line is a name and 32 bytes in base64", "Security:MasterKeyFile={0}/garbage")]
    [InlineData("Security__ServiceKeyFile is not set", "Security:ServiceKeyFile=")]
    [InlineData("Security__ServiceKeyFile names /nowhere/service, which cannot be read", "Security:ServiceKeyFile=/nowhere/service")]
    [InlineData("Security__ServiceKeyFile names {0}/open.key, which can be read or written by others", "Security:ServiceKeyFile={0}/open.key")]
    [InlineData("Security__ServiceKeyFile names {0}/garbage: each line is a name and 32 bytes", "Security:ServiceKeyFile={0}/garbage")]
    [InlineData("ConnectionStrings__Postgres has no password", "ConnectionStrings:Postgres=Host=db;Username=a2a;SslMode=VerifyFull")]
    [InlineData("names postgres, the database's own superuser", "ConnectionStrings:Postgres=Host=db;Username=postgres;Password=0123456789abcdef")]
    [InlineData("The password in ConnectionStrings__Postgres is the name of the account", "ConnectionStrings:Postgres=Host=db;Username=a2a;Password=a2a")]
    [InlineData(
        "The password in ConnectionStrings__Postgres is one that everybody knows", "ConnectionStrings:Postgres=Host=db;Username=a2a;Password=a2a-local-only")]
    [InlineData("The password in ConnectionStrings__Postgres has fewer than 12 characters", "ConnectionStrings:Postgres=Host=db;Username=a2a;Password=short")]
    [InlineData("ConnectionStrings__Postgres is not set", "ConnectionStrings:Postgres=")]
    [InlineData("ConnectionStrings__Postgres cannot be read", "ConnectionStrings:Postgres=what?")]
    [InlineData(
        "does not insist on TLS", "ConnectionStrings:Postgres=Host=db;Username=a2a;Password=0123456789abcdef",
        "Security:TrustNetwork=false", "RabbitMq:Tls=true")]
    public void It_does_not_start(string sentence, params string[] settings)
    {
        var refused = Assert.Throws<StartupRefusedException>(() => Build([.. settings.Select(one => string.Format(one, _folder))]));
        Assert.Contains(string.Format(sentence, _folder), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_safe_starts() => Build([]);

    [Fact]
    public void Settings_of_other_services_are_theirs_to_judge() => Build(["A2A:Scheduler:Whatever=1", "Agent:Slots=5", "Agent:Whatever=1"]);

    [Fact]
    public void A_trial_may_be_unsafe_when_it_says_so() => Build(["RabbitMq:Password=guest", "Security:Broker=plain", "A2A:AllowInsecure=true"]);

    [Theory]
    [InlineData("off", "on", false, 0, "fsync=off")]
    [InlineData("on", "off", false, 0, "synchronous_commit=off")]
    [InlineData("on", "on", true, 0, "superuser")]
    [InlineData("on", "on", false, 31, "31 s away")]
    [InlineData("on", "on", false, -31, "31 s away")]
    [InlineData("on", "on", false, 29, null)]
    [InlineData("on", "local", false, 0, null)]
    public void A_database_that_forgets_is_no_place_for_promises(string fsync, string commit, bool superuser, int skew, string? sentence)
    {
        var refusal = new DatabaseFacts(fsync, commit, superuser, TimeSpan.FromSeconds(skew)).Refusal();
        if (sentence is null) { Assert.Null(refusal); }
        else { Assert.Contains(sentence, refusal, StringComparison.Ordinal); }
    }

    public UnsafeSettingsTests()
    {
        using var key = SigningKey.New("p1");
        Write("trust.json", new Broker.TrustList { Keys = [] }.With(KeyNames.Platform, key).Print(), "644");
        Write("open.json", new Broker.TrustList { Keys = [] }.Print(), "666");
        Write("platform.key", SigningKeyFile.Print(key), "600");
        Write("open.key", SigningKeyFile.Print(key), "644");
        Write("short.key", "kid=k1\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "600");
        Write("garbage", "nothing of the kind\n", "600");
        Write("master", $"m1 {Convert.ToBase64String(new byte[32])}\n", "600");
    }

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Build(string[] settings)
    {
        string[] safe =
        [
            "RabbitMq:Host=broker", "RabbitMq:User=svc.gateway", "RabbitMq:Password=" + Good, "Security:Broker=identities", "Security:TrustNetwork=true",
            $"Security:TrustFile={_folder}/trust.json", $"Security:SigningKeyFile={_folder}/platform.key", $"Security:MasterKeyFile={_folder}/master",
            $"Security:ServiceKeyFile={_folder}/master",
            "ConnectionStrings:Postgres=Host=db;Database=a2a;Username=a2a;Password=" + Good,
        ];
        var args = safe.Concat(settings).Select(one => "--" + one).Append("--environment=Production");
        _ = MicroHost.Build([.. args], TransportKind.RabbitMq, StoreKind.Postgres, [new GatewayModule()]);
    }

    private void Write(string name, string text, string mode)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8)); }
    }
}

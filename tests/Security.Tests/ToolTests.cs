using System.Diagnostics;
using System.Text;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Audit;
using A2A.Micro.Security.Broker;
using A2A.Micro.Security.Identity;
using A2A.Micro.Security.Signing;

namespace A2A.Micro.Security.Tests;

/// <summary>The program for operators, as a process, on a database: keys, and whether the audit is what was written.</summary>
[Trait("Requirement", "61")]
[Trait("Requirement", "62")]
public sealed class ToolTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("a2a-tool-").FullName;
    private readonly PostgresServer _server = new();

    /// <inheritdoc />
    public Task InitializeAsync() => _server.InitializeAsync();

    /// <inheritdoc />
    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Keys_are_made_listed_and_ended_and_a_made_one_opens()
    {
        var (code, made, _) = await Run("keys", "create", "--subject", "alice", "--role", "submitter", "--tenant", "acme");
        Assert.Equal(0, code);
        var key = ApiKeyText.Parse(made.Trim())!;
        var store = new PostgresApiKeyStore(_server.Source);
        var row = (await store.Find(key.KeyId, default))!;
        Assert.True(row.Fits(key));
        Assert.Equal(("alice", "acme"), (row.Subject, row.Tenant));
        Assert.Contains($"{key.KeyId}\talice", (await Run("keys", "list", "--tenant", "acme")).Out, StringComparison.Ordinal);
        Assert.Equal(1, (await Run("keys", "revoke", key.KeyId)).Code);
        Assert.Equal(0, (await Run("keys", "revoke", key.KeyId, "--tenant", "acme")).Code);
        Assert.False((await store.Find(key.KeyId, default))!.IsActive(TimeProvider.System.GetUtcNow()));
        Assert.Equal(1, (await Run("keys", "create", "--subject", "alice", "--role", "king")).Code);
        var audit = await new PostgresAuditStore(_server.Source).Read("acme", 0, 10, default);
        Assert.Equal([("createKey", key.KeyId), ("revokeKey", key.KeyId)], audit.Select(one => (one.Entry.Action, one.Entry.Object!)));
        Assert.Equal((0, "2 rows, all as they were written."), Said(await Run("audit", "verify")));
    }

    [Fact]
    public async Task An_audit_is_verified_and_the_first_row_that_somebody_changed_is_named()
    {
        Assert.Equal((0, "0 rows, all as they were written."), Said(await Run("audit", "verify")));
        var store = new PostgresAuditStore(_server.Source);
        await store.Append([.. Enumerable.Range(1, 20).Select(AuditChainTests.Entry)], default);
        using var platform = SigningKey.New("p1");
        var (anchors, trust) = (Path.Combine(_folder, "anchors"), Path.Combine(_folder, "trust.json"));
        await File.WriteAllTextAsync(anchors, AuditAnchors.Print((await store.Head(default))!, TimeProvider.System.GetUtcNow(), platform) + "\n");
        await File.WriteAllTextAsync(trust, new TrustList { Keys = [] }.With(KeyNames.Platform, platform).Print());
        Assert.Equal((0, "20 rows, all as they were written."), Said(await Run("audit", "verify", "--anchors", anchors, "--trust", trust)));

        // As the owner of everything, who can take the triggers away.
        _ = await _server.Execute("ALTER TABLE security.audit DISABLE TRIGGER ALL; UPDATE security.audit SET actor = 'mallory' WHERE seq = 13");
        Assert.Contains("Row 13", (await Run("audit", "verify", "--anchors", anchors, "--trust", trust)).Error, StringComparison.Ordinal);
        _ = await _server.Execute("DELETE FROM security.audit WHERE seq >= 13; UPDATE security.audit_head SET seq = 12, "
            + "hash = (SELECT hash FROM security.audit WHERE seq = 12)");
        Assert.Equal((0, "12 rows, all as they were written."), Said(await Run("audit", "verify")));
        Assert.Contains("Row 13", (await Run("audit", "verify", "--anchors", anchors, "--trust", trust)).Error, StringComparison.Ordinal);
        using var mallory = SigningKey.New("p1");
        await File.WriteAllTextAsync(anchors, AuditAnchors.Print((await store.Head(default))!, TimeProvider.System.GetUtcNow(), mallory) + "\n");
        Assert.Contains("not signed by the platform", (await Run("audit", "verify", "--anchors", anchors, "--trust", trust)).Error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "60")]
    public async Task Which_master_keys_are_still_needed_is_told_with_the_place()
    {
        _ = await _server.Execute("""
            CREATE SCHEMA gateway;
            CREATE TABLE gateway.webhook (secret text);
            CREATE TABLE gateway.outbox (message json);
            INSERT INTO gateway.webhook VALUES ('wrapped:m1:AAAA'), ('wrapped:m2:AAAA'), ('whsec_open');
            INSERT INTO gateway.outbox VALUES
              ('{"seal":{"tenant":"t","kid":"m2","wrapped":"x"},"again":{"$enc":"v1","kid":"m2","wrapped":"x"}}'), ('{"kid":"m9"}');
            """);
        Assert.Equal((0, "m1\t1 rows\tgateway.webhook\nm2\t2 rows\tgateway.outbox gateway.webhook"), Said(await Run("secrets", "keys")));
        var (code, _, error) = await Run("secrets", "keys", "--key", "m1");
        Assert.Equal((1, "m1 is needed: 1 rows of gateway.webhook."), (code, error.Trim()));
        Assert.Equal((0, "Nothing that is kept needs m3."), Said(await Run("secrets", "keys", "--key", "m3")));

        // A letter that is parked may be sent again, and is kept as it came: also compressed. One that was sent needs nothing any more.
        const string letter = """{"message":{"seal":{"tenant": "t", "kid" : "m3", "wrapped":"x"},"later":"{\\"kid\\":\\"m4\\",\\"wrapped\\":1}"}}""";
        _ = await _server.Execute($"""
            CREATE TABLE gateway.dead_letter (state text, body bytea);
            INSERT INTO gateway.dead_letter VALUES
              ('parked', '{Hex(Encoding.UTF8.GetBytes(letter))}'), ('waiting', '{Hex(Gzip.Pack(Encoding.UTF8.GetBytes(letter)))}'),
              ('replayed', '{Hex(Encoding.UTF8.GetBytes(letter.Replace("m3", "m5", StringComparison.Ordinal)))}'),
              ('parked', '{Hex("""{"kid":"m6"}"""u8.ToArray())}'), ('parked', '{Hex([0x1f, 0x8b, .. "torn"u8])}');
            """);
        Assert.Equal("m3 is needed: 2 rows of gateway.dead_letter.", (await Run("secrets", "keys", "--key", "m3")).Error.Trim());
        Assert.Equal("m4 is needed: 2 rows of gateway.dead_letter.", (await Run("secrets", "keys", "--key", "m4")).Error.Trim());
        foreach (var gone in new[] { "m5", "m6" }) { Assert.Equal(0, (await Run("secrets", "keys", "--key", gone)).Code); }

        static string Hex(byte[] bytes) => "\\x" + Convert.ToHexString(bytes);
    }

    private static (int, string) Said((int Code, string Out, string Error) run) => (run.Code, run.Out.Trim());

    private async Task<(int Code, string Out, string Error)> Run(params string[] arguments)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var tool = Path.Combine(Repository.Root, "artifacts", "bin", "a2a", configuration, "a2a.dll");
        var start = new ProcessStartInfo("dotnet", [tool, .. arguments, "--database", _server.ConnectionString])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, said[0], said[1]);
    }
}

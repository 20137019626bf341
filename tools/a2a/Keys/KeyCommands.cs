using System.CommandLine;
using System.Globalization;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Audit;
using A2A.Micro.Security.Identity;

namespace A2A.Micro.Tool.Keys;

/// <summary><c>a2a keys</c>: API keys, made and ended in the database, without a service.</summary>
internal static class KeyCommands
{
    private static readonly Option<string> Tenant = new("--tenant")
    {
        Description = "Whose keys; 'default' when it is left out.",
        DefaultValueFactory = _ => TenantNames.Default,
    };

    private static readonly Option<string> Subject = new("--subject") { Description = "Whose key it is, such as alice or ci.", Required = true };

    private static readonly Option<string> Role = new("--role")
    {
        Description = "What it is good for: " + string.Join(", ", ScopeWords.Roles) + ".",
        Required = true,
    };

    private static readonly Option<int?> Days = new("--days") { Description = "For how many days it is good; left out: until it is revoked." };

    private static readonly Option<string> Environment = new("--environment")
    {
        Description = "Security__Environment of the installation; 'prod' when it is left out.",
        DefaultValueFactory = _ => "prod",
    };

    private static readonly Argument<string> KeyId = new("key-id") { Description = "The part of the key between environment and secret." };

    public static Command All() => new("keys", "API keys") { Create(), List(), Revoke() };

    private static Command Create()
    {
        var command = new Command("create", "Make a key, and print it: it is shown here and never again.") { Subject, Role, Tenant, Days, Environment };
        command.SetAction((parsed, cancellation) => Database.Use(parsed, async database =>
        {
            var (role, tenant) = (parsed.GetRequiredValue(Role), parsed.GetRequiredValue(Tenant));
            if (ScopeWords.OfRole(role) is not { } scopes) { return await Fail("--role is one of " + string.Join(", ", ScopeWords.Roles)); }
            if (!TenantNames.IsTenant(tenant)) { return await Fail("--tenant has 1 to 40 of a-z 0-9 -"); }
            var (key, now) = (ApiKeyText.New(parsed.GetRequiredValue(Environment)), TimeProvider.System.GetUtcNow());
            if (ApiKeyText.Parse(key.Show()) is null) { return await Fail("--environment has 1 to 16 of a-z 0-9"); }
            var added = await new PostgresApiKeyStore(database).Add(new ApiKeyRow
            {
                KeyId = key.KeyId,
                SecretHash = key.Hash(),
                Subject = parsed.GetRequiredValue(Subject),
                Tenant = tenant,
                Scopes = scopes,
                CreatedAt = now,
                NotAfter = parsed.GetValue(Days) is { } days ? now.AddDays(days) : null,
            }, cancellation);
            if (!added) { return await Fail($"There are {ApiKeyRow.ActiveMax} good keys of this subject: revoke one first."); }
            await Note(database, "createKey", tenant, key.KeyId, $"for {parsed.GetRequiredValue(Subject)} as {role}", now, cancellation);
            Console.WriteLine(key.Show());
            return 0;
        }, cancellation));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "The keys of a tenant, the newest first; their secrets are kept nowhere.") { Tenant };
        command.SetAction((parsed, cancellation) => Database.Use(parsed, async database =>
        {
            foreach (var key in await new PostgresApiKeyStore(database).List(parsed.GetRequiredValue(Tenant), cancellation))
            {
                var state = key.RevokedAt is { } at ? "revoked " + Print(at)
                    : key.IsActive(TimeProvider.System.GetUtcNow()) ? "good" : "expired " + Print(key.NotAfter!.Value);
                Console.WriteLine(string.Join('\t', key.KeyId, key.Subject, string.Join(' ', ScopeWords.Print(key.Scopes)), state,
                    key.LastUsedAt is { } seen ? "seen " + Print(seen) : "never seen"));
            }

            return 0;
        }, cancellation));
        return command;
    }

    private static Command Revoke()
    {
        var command = new Command("revoke", "End a key; it opens nothing any more after five seconds.") { KeyId, Tenant };
        command.SetAction((parsed, cancellation) => Database.Use(parsed, async database =>
        {
            var (keyId, tenant) = (parsed.GetRequiredValue(KeyId), parsed.GetRequiredValue(Tenant));
            var now = TimeProvider.System.GetUtcNow();
            var ended = await new PostgresApiKeyStore(database).Revoke(keyId, tenant, now, cancellation);
            if (ended is null) { return await Fail($"The tenant {tenant} has no key {keyId}."); }
            await Note(database, "revokeKey", tenant, keyId, $"of {ended.Subject}", now, cancellation);
            Console.WriteLine($"{ended.KeyId} of {ended.Subject} is revoked.");
            return 0;
        }, cancellation));
        return command;
    }

    // Who may open the database may do this, so it is the account of the machine that stands there.
    private static Task Note(
        Npgsql.NpgsqlDataSource database, string action, string tenant, string keyId, string reason, DateTimeOffset now, CancellationToken cancellation) =>
        new PostgresAuditStore(database).Append(
        [
            new AuditEntry
            {
                At = new DateTimeOffset(now.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero),
                Actor = $"a2a ({System.Environment.UserName})",
                Tenant = tenant,
                Action = action,
                Object = keyId,
                Outcome = "done",
                Reason = reason,
            },
        ], cancellation);

    private static Task<int> Fail(string sentence) => Database.Fail(sentence);

    private static string Print(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Access;

/// <summary>API keys: made, seen, ended. Nobody gives more than it has, and a tenant gives its own only.</summary>
public static class KeyEndpoints
{
    private const int DaysMax = 3650;

    /// <summary>Adds the routes.</summary>
    public static void MapKeys(this IEndpointRouteBuilder v1)
    {
        var keys = v1.MapGroup("/keys").WithTags("Keys");
        _ = keys.MapPost("/", Create).WithName("createKey").WithSummary("Make an API key")
            .WithDescription("The key itself is in this answer and in no later one. A principal has at most two good keys: the one in use and the one "
                + "that takes its place.")
            .Accepts<KeyRequest>("application/json")
            .Produces<NewKeyView>(StatusCodes.Status201Created).ProducesErrors(400, 401, 403, 409, 413, 415, 503);
        _ = keys.MapGet("/", List).WithName("listKeys").WithSummary("The keys of the caller's tenant, the newest first")
            .Produces<KeyListView>().ProducesErrors(401, 403, 503);
        _ = keys.MapDelete("/{keyId}", Revoke).WithName("revokeKey").WithSummary("End an API key")
            .WithDescription("At once in the process that answers, within five seconds in every other.")
            .Produces<KeyView>().ProducesErrors(401, 403, 404, 503);
    }

    private static async Task<IResult> Create(
        IApiKeyStore keys, TimeProvider clock, IOptions<SecurityOptions> security, IOptions<GatewayOptions> options, HttpContext http)
    {
        var body = await RequestBody.Read(http.Request, options.Value, optional: false, http.RequestAborted).ConfigureAwait(false);
        var (caller, errors) = (Caller.Current, new List<FieldError>());
        var fields = new JsonFields(body!.Value, "#", errors, "subject", "role", "scopes", "tenant", "expires_in_days");
        var (subject, tenant, days) = (fields.Text("subject"), fields.Text("tenant") ?? caller.Tenant, fields.Whole("expires_in_days"));
        if (subject is not { Length: > 0 and <= 128 } || subject.Any(c => c is <= ' ' or > '~'))
        {
            fields.Wrong("#/subject", "required: 1 to 128 printable characters without blanks");
        }

        if (!TenantNames.IsTenant(tenant)) { fields.Wrong("#/tenant", "1 to 40 of a-z 0-9 -"); }
        if (days is < 1 or > DaysMax) { fields.Wrong("#/expires_in_days", $"1 to {DaysMax}"); }
        var scopes = ScopesOf(fields);
        if (errors.Count > 0) { return Problems.Of(errors); }
        if (tenant != caller.Tenant && !(caller.Tenant == TenantNames.Default && caller.May(Scopes.All)))
        {
            return Problems.Of(ErrorKind.Forbidden, "Keys of another tenant are made by an administrator of the installation.");
        }

        if (GrantDesk.AgentOf(new Caller(subject!, tenant, scopes)) is not null && !caller.May(Scopes.AgentsAdmin))
        {
            return Problems.Of(ErrorKind.Forbidden, "Keys of agents are made by who may enrol agents.");
        }

        if (!caller.May(scopes)) { return Problems.Of(ErrorKind.Forbidden, "Nobody gives a key more rights than its own."); }
        var (now, key) = (clock.GetUtcNow(), ApiKeyText.New(security.Value.Environment));
        var row = new ApiKeyRow
        {
            KeyId = key.KeyId,
            SecretHash = key.Hash(),
            Subject = subject!,
            Tenant = tenant,
            Scopes = scopes,
            CreatedAt = now,
            NotAfter = days is { } until ? now.AddDays(until) : null,
        };
        if (!await keys.Add(row, http.RequestAborted).ConfigureAwait(false))
        {
            return Problems.Of(ErrorKind.Conflict, $"{subject} has {ApiKeyRow.ActiveMax} good keys; revoke one first.");
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created("/v1/keys/" + row.KeyId, new NewKeyView { Key = key.Show(), Of = KeyView.From(row) });
    }

    private static async Task<IResult> List(IApiKeyStore keys, HttpContext http) => TypedResults.Ok(new KeyListView
    {
        Keys = [.. (await keys.List(Caller.Current.Tenant, http.RequestAborted).ConfigureAwait(false)).Select(KeyView.From)],
    });

    private static async Task<IResult> Revoke(string keyId, IApiKeyStore keys, Authenticator authenticator, TimeProvider clock, HttpContext http)
    {
        if (await keys.Revoke(keyId, Caller.Current.Tenant, clock.GetUtcNow(), http.RequestAborted).ConfigureAwait(false) is not { } ended)
        {
            return Problems.Of(ErrorKind.NotFound, $"There is no key {Problems.Quote(keyId)}.");
        }

        authenticator.Forget(keyId);
        return TypedResults.Ok(KeyView.From(ended));
    }

    private static Scopes ScopesOf(JsonFields fields)
    {
        if (fields.Text("role") is { } role)
        {
            if (fields.Any("scopes") is not null) { fields.Wrong("#/scopes", "either role or scopes"); }
            if (ScopeWords.OfRole(role) is { } set) { return set; }
            fields.Wrong("#/role", "one of " + string.Join(", ", ScopeWords.Roles));
            return Scopes.None;
        }

        var scopes = Scopes.None;
        foreach (var word in fields.Any("scopes") is { ValueKind: System.Text.Json.JsonValueKind.Array } list
            ? list.EnumerateArray().Select(one => one.ValueKind == System.Text.Json.JsonValueKind.String ? one.GetString()! : "") : [])
        {
            if (ScopeWords.Of(word) is var scope && scope == Scopes.None) { fields.Wrong("#/scopes", "of " + string.Join(", ", ScopeWords.All)); }
            scopes |= scope;
        }

        if (scopes == Scopes.None) { fields.Wrong("#/role", "required: a role (" + string.Join(", ", ScopeWords.Roles) + ") or scopes"); }
        return scopes;
    }
}

/// <summary>A key that is asked for.</summary>
public sealed record KeyRequest
{
    /// <summary>Whose key it is.</summary>
    public required string Subject { get; init; }

    /// <summary><c>viewer</c>, <c>submitter</c>, <c>agent</c>, <c>operator</c> or <c>admin</c>; or say <c>scopes</c>.</summary>
    public string? Role { get; init; }

    /// <summary>What it is good for; or say <c>role</c>.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>The caller's own unless an administrator of the installation says another.</summary>
    public string? Tenant { get; init; }

    /// <summary>1 to 3650; absent: until it is revoked.</summary>
    public int? ExpiresInDays { get; init; }
}

/// <summary>A new key, shown once.</summary>
public sealed record NewKeyView
{
    /// <summary>The key. Keep it now: it is shown in this answer only.</summary>
    public required string Key { get; init; }

    /// <summary>What it is.</summary>
    public required KeyView Of { get; init; }
}

/// <summary>A key without its secret.</summary>
public sealed record KeyView
{
    /// <summary>Names it.</summary>
    public required string KeyId { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Subject { get; init; }

    /// <summary>The tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>What it is good for.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when it is good; absent: until it is revoked.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Since when it is good no more.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>When it was last seen, to some seconds.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    internal static KeyView From(ApiKeyRow row) => new()
    {
        KeyId = row.KeyId,
        Subject = row.Subject,
        Tenant = row.Tenant,
        Scopes = ScopeWords.Print(row.Scopes),
        CreatedAt = row.CreatedAt,
        NotAfter = row.NotAfter,
        RevokedAt = row.RevokedAt,
        LastUsedAt = row.LastUsedAt,
    };
}

/// <summary>Keys of a tenant.</summary>
public sealed record KeyListView
{
    /// <summary>The newest first.</summary>
    public required IReadOnlyList<KeyView> Keys { get; init; }
}

using System.Runtime.CompilerServices;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Limits;
using A2A.Micro.Security;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Access;

/// <summary>
/// Stands before every route: finds out who asks, and whether this caller may. Who shows bad credentials again and again is refused by its address
/// before anything is looked up. In a host that is open everybody is let in as the same caller.
/// </summary>
public sealed class AccessGate(
    RequestDelegate next, Authenticator authenticator, Openness openness, IOptions<SecurityOptions> options, GatewayMetrics metrics,
    AccessAudit audit, GrantDesk grants, TimeProvider clock, ILogger<AccessGate> log)
{
    private static readonly string[] NamesInUrls = ["access_token", "api_key", "apikey", "key", "token", "authorization"];
    private readonly ConditionalWeakTable<Endpoint, StrongBox<AccessRule>> _rules = [];

    private readonly Buckets<System.Net.IPAddress> _failures = new(
        new Bucket(options.Value.FailuresPerSecondMax, options.Value.FailuresPerSecondMax), System.Net.IPAddress.Any, clock);

    private readonly Buckets<string> _callers = new(
        options.Value.KeyRequestsPerSecondMax > 0
            ? new Bucket(options.Value.KeyRequestsPerSecondMax, options.Value.KeyRequestsBurstMax)
            : null, "", clock);

    /// <summary>Runs the rest of the pipeline, or refuses.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (openness.IsOpen) { return next(http); }
        var rule = RuleOf(http);
        return rule.Reach == Reach.Public ? next(http) : Judge(http, rule);
    }

    /// <summary>Why a caller may not use a route; null when it may. Pure.</summary>
    public static string? Objection(Caller caller, AccessRule rule)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return rule.Reach switch
        {
            Reach.Public => null,
            Reach.Nobody => "Nobody may use this route.",
            Reach.Installation when caller.Tenant != TenantNames.Default => "This belongs to the installation and not to a tenant.",
            _ when !caller.May(rule.Scopes) =>
                $"The credential has no right for this; it would need {string.Join(" and ", ScopeWords.Print(rule.Scopes & ~caller.Scopes))}.",
            _ => null,
        };
    }

    // What is served without a route (the pages of /docs) is the same for everybody; below /v1 nothing is shown to strangers, not even what is not there.
    private AccessRule RuleOf(HttpContext http) => http.GetEndpoint() is not { } endpoint
        ? http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) ? AccessRule.AnyCaller : AccessRule.Public
        : _rules.GetValue(endpoint, static one => new StrongBox<AccessRule>(AccessTable.Of(one))).Value;

    private async Task Judge(HttpContext http, AccessRule rule)
    {
        if (IsInUrl(http.Request))
        {
            await Stranger(http, "A credential in an address ends up in logs: send it in the Authorization header, and revoke this one.").ConfigureAwait(false);
            return;
        }

        if (CredentialOf(http.Request) is not { } credential)
        {
            await Stranger(http, "A credential is required: Authorization: Bearer, with an API key or a token.").ConfigureAwait(false);
            return;
        }

        if ((authenticator.Recall(credential) ?? await Check(http, credential).ConfigureAwait(false)) is not { } bearer) { return; }
        if (_callers.Take(bearer.Tenant + "\n" + bearer.Subject) is { IsAllowed: false } full)
        {
            metrics.CountLimited();
            var wait = (int)Math.Max(1, Math.Ceiling(full.RetryAfterS));
            await Problems.Write(http, ErrorKind.RateLimited, $"This credential has used up its requests; come again in {wait} s.", [], retryAfterS: wait)
                .ConfigureAwait(false);
            return;
        }

        var caller = GrantDesk.Concerns(bearer, http.Request) ? await Admit(http, bearer, rule).ConfigureAwait(false) : bearer;
        if (caller is null) { return; }
        if (Objection(caller, rule) is { } sentence)
        {
            AccessLog.Forbidden(log, caller.Subject, caller.Tenant, http.Request.Method, http.Request.Path);
            metrics.CountRefused("forbidden");
            await audit.Refused(http, caller, sentence).ConfigureAwait(false);
            await Problems.Write(http, ErrorKind.Forbidden, sentence, []).ConfigureAwait(false);
            return;
        }

        http.Response.Headers.CacheControl = "no-store";
        caller.Enter();
        audit.Watch(http, caller);
        await next(http).ConfigureAwait(false);
    }

    private async Task<Caller?> Admit(HttpContext http, Caller bearer, AccessRule rule)
    {
        var (acting, refusal, sentence) = await grants.Admit(http, bearer, rule).ConfigureAwait(false);
        if (refusal is null) { return acting; }
        AccessLog.Forbidden(log, bearer.Subject, (acting ?? bearer).Tenant, http.Request.Method, http.Request.Path);
        metrics.CountRefused("grant");
        await audit.Refused(http, acting ?? bearer, sentence).ConfigureAwait(false);
        await Problems.Write(http, refusal, sentence, []).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<Caller?> Check(HttpContext http, string credential)
    {
        var address = CallerLimits.NetworkOf(http.Connection.RemoteIpAddress);
        if (!_failures.HasRoom(address))
        {
            metrics.CountLimited();
            await Problems.Write(http, ErrorKind.RateLimited, "Too many bad credentials came from this address; come again later.", [], retryAfterS: 1)
                .ConfigureAwait(false);
            return null;
        }

        var (bearer, reason) = await authenticator.Check(credential, http.RequestAborted).ConfigureAwait(false);
        if (bearer is not null) { return bearer; }
        _ = _failures.Take(address);
        AccessLog.Refused(log, http.Request.Method, http.Request.Path, reason);
        metrics.CountRefused("credential");
        await audit.Refused(http, null, reason).ConfigureAwait(false);
        await Stranger(http, "The credential is not valid here.").ConfigureAwait(false);
        return null;
    }

    private static Task Stranger(HttpContext http, string sentence)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"a2a\"";
        return Problems.Write(http, ErrorKind.Unauthenticated, sentence, []);
    }

    private static string? CredentialOf(HttpRequest request)
    {
        var (bearer, key) = (request.Headers.Authorization, request.Headers["X-API-Key"]);
        // Two credentials are one too many: nobody could say which of them counts.
        if (bearer.Count + key.Count != 1) { return null; }
        if (key.Count == 1) { return key.ToString() is { Length: > 0 } text ? text : null; }
        var value = bearer.ToString();
        return value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && value.Length > 7 ? value[7..] : null;
    }

    private static bool IsInUrl(HttpRequest request) => request.QueryString.HasValue && request.Query.Any(pair =>
        NamesInUrls.Contains(pair.Key, StringComparer.OrdinalIgnoreCase)
        || pair.Value.Any(value => value is not null && ApiKeyText.Parse(value) is not null));
}

internal static partial class AccessLog
{
    [LoggerMessage(3110, LogLevel.Warning, "{Method} {Path} refused: {Reason}")]
    public static partial void Refused(ILogger log, string method, string path, string reason);

    [LoggerMessage(3111, LogLevel.Warning, "{Subject} of {Tenant} may not {Method} {Path}")]
    public static partial void Forbidden(ILogger log, string subject, string tenant, string method, string path);
}

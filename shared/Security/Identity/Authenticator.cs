using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using A2A.Micro.Contracts.Wire;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Security.Identity;

/// <summary>
/// Says who bears a credential. What was checked is remembered for some seconds, as its hash, so that a busy caller costs one hash per request; that is
/// also the longest that a credential works after it was revoked.
/// </summary>
public sealed class Authenticator
{
    private readonly ConcurrentDictionary<(ulong, ulong), Remembered> _remembered = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _seen = new(StringComparer.Ordinal);
    private readonly IApiKeyStore _keys;
    private readonly IReadOnlyList<IssuerKeys> _issuers;
    private readonly SecurityOptions _options;
    private readonly TimeProvider _clock;
    private readonly ApiKeyRow? _adminKey;

    /// <summary>Over the keys of this installation and its issuers.</summary>
    public Authenticator(
        IApiKeyStore keys, IOptions<SecurityOptions> options, IHttpClientFactory http, TimeProvider clock, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_keys, _options, _clock) = (keys, options.Value, clock);
        _issuers = [.. _options.Issuers.Select(issuer =>
            new IssuerKeys(issuer, http.CreateClient(nameof(IssuerKeys)), clock, logs.CreateLogger<IssuerKeys>()))];
        _adminKey = AdminKey.Read(_options, clock.GetUtcNow());
    }

    /// <summary>The bearer, if this credential was checked some seconds ago.</summary>
    public Caller? Recall(string credential)
    {
        if (!_remembered.TryGetValue(NameOf(credential), out var known) || known.Until <= _clock.GetUtcNow()) { return null; }
        Note(known.Caller);
        return known.Caller;
    }

    /// <summary>The bearer; null, with the reason for the log, when it is refused.</summary>
    /// <param name="credential">An API key or a token.</param>
    /// <param name="cancellation">The caller leaves.</param>
    public async ValueTask<(Caller? Bearer, string Reason)> Check(string credential, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(credential);
        var now = _clock.GetUtcNow();
        var verdict = credential.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal)
            ? await CheckKey(credential, now, cancellation).ConfigureAwait(false)
            : await CheckToken(credential, now, cancellation).ConfigureAwait(false);
        if (verdict.Bearer is { } bearer)
        {
            var until = now + _options.RememberFor;
            Remember(credential, new Remembered(bearer, verdict.Until < until ? verdict.Until : until));
            Note(bearer);
        }

        return (verdict.Bearer, verdict.Reason);
    }

    /// <summary>Forgets what is remembered of a key, in this process at once.</summary>
    public void Forget(string keyId)
    {
        foreach (var (name, known) in _remembered)
        {
            if (known.Caller.KeyId == keyId) { _ = _remembered.TryRemove(name, out _); }
        }
    }

    /// <summary>When keys were seen since the last time this was asked.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> TakeSeen()
    {
        var taken = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var keyId in _seen.Keys)
        {
            if (_seen.TryRemove(keyId, out var at)) { taken[keyId] = at; }
        }

        return taken;
    }

    private async ValueTask<TokenVerdict> CheckKey(string text, DateTimeOffset now, CancellationToken cancellation)
    {
        if (ApiKeyText.Parse(text) is not { } key) { return TokenVerdict.No("not a key"); }
        if (key.Environment != _options.Environment) { return TokenVerdict.No("a key of another installation"); }
        var row = _adminKey?.KeyId == key.KeyId ? _adminKey : await _keys.Find(key.KeyId, cancellation).ConfigureAwait(false);
        if (row is null) { return TokenVerdict.No("no such key"); }
        if (!row.Fits(key)) { return TokenVerdict.No("wrong secret"); }
        return row.IsActive(now)
            ? new TokenVerdict(row.Bearer(), row.NotAfter ?? DateTimeOffset.MaxValue, "")
            : TokenVerdict.No("revoked or expired");
    }

    private async ValueTask<TokenVerdict> CheckToken(string text, DateTimeOffset now, CancellationToken cancellation)
    {
        if (_issuers.Count == 0) { return TokenVerdict.No("tokens are not taken here"); }
        if (JwsToken.Parse(text, out var reason) is not { } token) { return TokenVerdict.No(reason); }
        var named = token.Text("iss");
        if (_issuers.FirstOrDefault(one => one.Verifier.Issuer == named) is not { } issuer) { return TokenVerdict.No("iss"); }
        var key = await issuer.Find(token.KeyId, token.Algorithm, cancellation).ConfigureAwait(false);
        return issuer.Verifier.Verify(token, key, now);
    }

    private void Remember(string credential, Remembered bearer)
    {
        if (_options.RememberFor == TimeSpan.Zero) { return; }
        // Whoever has that many good credentials pays for looking them up again.
        if (_remembered.Count >= _options.RememberMax) { _remembered.Clear(); }
        _remembered[NameOf(credential)] = bearer;
    }

    private void Note(Caller caller)
    {
        if (caller.KeyId is { } keyId && keyId != _adminKey?.KeyId) { _seen[keyId] = _clock.GetUtcNow(); }
    }

    // Not the credential itself: a picture of the memory must not hold what opens the door.
    private static (ulong, ulong) NameOf(string credential)
    {
        Span<byte> hash = stackalloc byte[32];
        _ = SHA256.HashData(Encoding.UTF8.GetBytes(credential), hash);
        return (BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]));
    }

    private sealed record Remembered(Caller Caller, DateTimeOffset Until);
}

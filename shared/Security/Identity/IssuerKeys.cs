using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Security.Identity;

/// <summary>
/// The keys of one issuer as they were read last. Read again when they are old, and when a token names a key that is not among them; one reader at a
/// time, whoever else asks waits for it. Keys that were good stay good while the issuer cannot be reached.
/// </summary>
public sealed partial class IssuerKeys(TokenIssuer issuer, HttpClient http, TimeProvider clock, ILogger<IssuerKeys> log) : IDisposable
{
    private static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FileAgeMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _reading = new(1);
    private JwsKeySet _keys = JwsKeySet.Empty;
    private DateTimeOffset _readAt = DateTimeOffset.MinValue;

    /// <summary>Judges its tokens.</summary>
    public TokenVerifier Verifier { get; } = new(issuer.Issuer, issuer.Audience);

    /// <summary>The key of this id for this algorithm.</summary>
    public async ValueTask<JwsKey?> Find(string kid, string algorithm, CancellationToken cancellation)
    {
        var age = clock.GetUtcNow() - _readAt;
        var known = _keys.Find(kid, algorithm);
        if (known is not null && age < (issuer.JwksUrl is null ? FileAgeMax : AgeMax)) { return known; }
        // A stranger who names keys that do not exist must not make us ask its issuer with every token.
        if (age < Pause) { return known; }
        await _reading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (clock.GetUtcNow() - _readAt >= Pause) { await Read(cancellation).ConfigureAwait(false); }
        }
        finally
        {
            _ = _reading.Release();
        }

        return _keys.Find(kid, algorithm);
    }

    /// <inheritdoc />
    public void Dispose() => _reading.Dispose();

    private async Task Read(CancellationToken cancellation)
    {
        _readAt = clock.GetUtcNow();
        try
        {
            _keys = issuer switch
            {
                { SecretFile: { } file } => JwsKeySet.Of("development", JwsKey.Hs256(await File.ReadAllBytesAsync(file, cancellation).ConfigureAwait(false))),
                { JwksFile: { } file } => JwsKeySet.Parse(await File.ReadAllBytesAsync(file, cancellation).ConfigureAwait(false)),
                _ => JwsKeySet.Parse(await http.GetByteArrayAsync(new Uri(issuer.JwksUrl!), cancellation).ConfigureAwait(false)),
            };
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException or System.Security.Cryptography.CryptographicException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            LogUnreadable(log, issuer.Issuer, e.Message);
        }
    }

    [LoggerMessage(3101, LogLevel.Warning, "the keys of the issuer {Issuer} cannot be read ({Reason}); those that were read before go on")]
    private static partial void LogUnreadable(ILogger log, string issuer, string reason);
}

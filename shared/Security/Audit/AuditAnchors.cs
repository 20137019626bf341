using System.Globalization;
using A2A.Micro.Security.Signing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace A2A.Micro.Security.Audit;

/// <summary>
/// Writes the end of the chain to a file every minute, <c>time seq hash</c> on a line, and behind them the signature of the platform's key where there is one.
/// Whoever can write the database and not this file cannot cut the audit off or write it anew without being found; nor can, with a signature, who can
/// write both and has not the key.
/// </summary>
public sealed partial class AuditAnchors(
    IAuditStore store, IOptions<SecurityOptions> options, AnchorKey key, TimeProvider clock, ILogger<AuditAnchors> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>The anchors of a file's lines; a line that is none is an error.</summary>
    /// <exception cref="FormatException">A line is no anchor.</exception>
    /// <param name="lines">The lines.</param>
    /// <param name="trusted">Whose signature each must carry: the platform's, by a key in here; null: none is asked for.</param>
    public static IReadOnlyList<AuditAnchor> Parse(IEnumerable<string> lines, KeyRing? trusted = null) =>
        [.. lines.Where(line => line.Length > 0).Select(line => Read(line, trusted) ?? throw new FormatException($"'{line}' is no anchor"))];

    /// <summary>An anchor as a line; signed, where there is a key.</summary>
    public static string Print(AuditAnchor anchor, DateTimeOffset at, SigningKey? key = null)
    {
        ArgumentNullException.ThrowIfNull(anchor);
        var time = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var line = string.Create(CultureInfo.InvariantCulture, $"{time} {anchor.Seq} {Convert.ToHexStringLower(anchor.Hash)}");
        return key is null ? line : $"{line} {new SignatureLine(key.Kid, key.Algorithm, key.Sign(anchor.Canonical(time))).Print()}";
    }

    private static AuditAnchor? Read(string line, KeyRing? trusted)
    {
        if (line.Split(' ') is not [var time, var seq, { Length: 64 } hash, .. var rest] || rest.Length > 1
            || !long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        var anchor = new AuditAnchor(number, Convert.FromHexString(hash));
        return trusted is null || trusted.Verifies(KeyNames.Platform, anchor.Canonical(time), SignatureLine.Read(rest.FirstOrDefault()))
            ? anchor
            : throw new FormatException($"'{line}' is not signed by the platform");
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.AuditAnchorFile is not { Length: > 0 } file) { return; }
        using var timer = new PeriodicTimer(Pause, clock);
        long last = 0;
        try
        {
            do { last = await Write(file, last, stoppingToken).ConfigureAwait(false); }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on.
        }
    }

    private async Task<long> Write(string file, long last, CancellationToken stopping)
    {
        try
        {
            if (await store.Head(stopping).ConfigureAwait(false) is not { } head || head.Seq == last) { return last; }
            await File.AppendAllTextAsync(file, Print(head, clock.GetUtcNow(), key.Current) + "\n", stopping).ConfigureAwait(false);
            return head.Seq;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or UnauthorizedAccessException or SecurityBreachException)
        {
            LogFailed(log, file, e);
            return last;
        }
    }

    [LoggerMessage(3121, LogLevel.Error, "the end of the audit could not be written to {File}")]
    private static partial void LogFailed(ILogger log, string file, Exception exception);
}

using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace A2A.Micro.Security.Audit;

/// <summary>
/// Writes the end of the chain to a file every minute, <c>time seq hash</c> on a line. Whoever can write the database and not this file cannot cut the
/// audit off or write it anew without being found.
/// </summary>
public sealed partial class AuditAnchors(
    IAuditStore store, IOptions<SecurityOptions> options, TimeProvider clock, ILogger<AuditAnchors> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>The anchors of a file's lines; a line that is none is an error.</summary>
    /// <exception cref="FormatException">A line is no anchor.</exception>
    public static IReadOnlyList<AuditAnchor> Parse(IEnumerable<string> lines) =>
    [
        .. lines.Where(line => line.Length > 0).Select(line => line.Split(' ') is [_, var seq, { Length: 64 } hash]
            && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new AuditAnchor(number, Convert.FromHexString(hash))
            : throw new FormatException($"'{line}' is no anchor")),
    ];

    /// <summary>An anchor as a line.</summary>
    public static string Print(AuditAnchor anchor, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(anchor);
        return string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} {anchor.Seq} {Convert.ToHexStringLower(anchor.Hash)}");
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
            await File.AppendAllTextAsync(file, Print(head, clock.GetUtcNow()) + "\n", stopping).ConfigureAwait(false);
            return head.Seq;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or UnauthorizedAccessException)
        {
            LogFailed(log, file, e);
            return last;
        }
    }

    [LoggerMessage(3121, LogLevel.Error, "the end of the audit could not be written to {File}")]
    private static partial void LogFailed(ILogger log, string file, Exception exception);
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace A2A.Micro.Security.Audit;

/// <summary>Something that was done or refused, and by whom.</summary>
public sealed record AuditEntry
{
    /// <summary>Longest text of a member.</summary>
    public const int TextLengthMax = 500;

    /// <summary>When, to a microsecond: the database keeps no more.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required string Actor { get; init; }

    /// <summary>Whose.</summary>
    public required string Tenant { get; init; }

    /// <summary>What was done: <c>task.submit</c>, <c>key.create</c>, ...</summary>
    public required string Action { get; init; }

    /// <summary>To what.</summary>
    public string? Object { get; init; }

    /// <summary>Which attempt, of a task.</summary>
    public int? Attempt { get; init; }

    /// <summary><c>done</c> or <c>refused</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>From which address.</summary>
    public string? Ip { get; init; }

    /// <summary>W3C trace id.</summary>
    public string? Trace { get; init; }

    /// <summary>What is sealed once, however often it is said: the message that says it. Null: it is said once.</summary>
    public Guid? Key { get; init; }

    /// <summary>What is bound by the chain: every member, each with its length, so that no two rows read the same.</summary>
    public byte[] Canonical(long seq)
    {
        var text = new StringBuilder();
        Add(seq.ToString(CultureInfo.InvariantCulture));
        Add((At.UtcTicks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture));
        Add(Actor);
        Add(Tenant);
        Add(Action);
        Add(Object);
        Add(Attempt?.ToString(CultureInfo.InvariantCulture));
        Add(Outcome);
        Add(Reason);
        Add(Ip);
        Add(Trace);
        // Rows of before it was there read as they were sealed.
        if (Key is { } key) { Add(key.ToString()); }
        return Encoding.UTF8.GetBytes(text.ToString());

        void Add(string? member)
        {
            // Absent and empty are not the same.
            _ = member is null ? text.Append("-\n") : text.Append(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(member)}:{member}\n");
        }
    }
}

/// <summary>A row of the audit with its place in the chain.</summary>
/// <param name="Seq">Dense from 1.</param>
/// <param name="Entry">What it says.</param>
/// <param name="PrevHash">The hash of the row before; zeros before the first.</param>
/// <param name="Hash">SHA-256 of the hash before and this row.</param>
public sealed record AuditRow(long Seq, AuditEntry Entry, byte[] PrevHash, byte[] Hash);

/// <summary>A place of the chain that was written down elsewhere.</summary>
/// <param name="Seq">Of the last row.</param>
/// <param name="Hash">Its hash.</param>
public sealed record AuditAnchor(long Seq, byte[] Hash)
{
    /// <summary>What is signed of it and of the time at which it was written down.</summary>
    public byte[] Canonical(string at) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"a2a-anchor-v1\n{at}\n{Seq}\n{Convert.ToHexStringLower(Hash)}"));
}

/// <summary>The chain over the rows. Pure.</summary>
public static class AuditChain
{
    /// <summary>What stands before the first row.</summary>
    public static byte[] Genesis { get; } = new byte[32];

    /// <summary>The hash of a row.</summary>
    public static byte[] HashOf(byte[] previous, long seq, AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(previous);
        ArgumentNullException.ThrowIfNull(entry);
        return SHA256.HashData([.. previous, .. entry.Canonical(seq)]);
    }

    /// <summary>Rows for these entries, after the last one.</summary>
    public static IReadOnlyList<AuditRow> Seal(long lastSeq, byte[] lastHash, IEnumerable<AuditEntry> entries)
    {
        var (seq, previous, rows) = (lastSeq, lastHash, new List<AuditRow>());
        foreach (var entry in entries)
        {
            var hash = HashOf(previous, ++seq, entry);
            rows.Add(new AuditRow(seq, entry, previous, hash));
            previous = hash;
        }

        return rows;
    }
}

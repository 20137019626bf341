using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace A2A.Micro.Security.Signing;

/// <summary>
/// What is signed of a message: who says it to whom, when, about what, and the digest of its very bytes. Nobody has to write the body a second
/// time to check it. Pure.
/// </summary>
public sealed record CanonicalText
{
    /// <summary>The first line.</summary>
    public const string Version = "a2a-sig-v1";

    /// <summary>Bytes of a nonce.</summary>
    public const int NonceBytes = 16;

    private const int LineCount = 13;
    private const int LengthMax = 4096;

    /// <summary>The transport's id of the message.</summary>
    public required string MessageId { get; init; }

    /// <summary>Its type.</summary>
    public required string Type { get; init; }

    /// <summary>Version of its schema.</summary>
    public string SchemaVersion { get; init; } = "1.0";

    /// <summary>Who says it.</summary>
    public required string SenderId { get; init; }

    /// <summary>The endpoint that it is said to: at another one it is worth nothing.</summary>
    public required string Audience { get; init; }

    /// <summary>Whose task it is about.</summary>
    public required string Tenant { get; init; }

    /// <summary>The task; empty for what concerns none, or many.</summary>
    public string TaskId { get; init; } = "";

    /// <summary>Its attempt.</summary>
    public int Attempt { get; init; }

    /// <summary>Which start of the sender speaks, where that counts.</summary>
    public long LeaseEpoch { get; init; }

    /// <summary>When it was signed.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>16 bytes of chance, base64url.</summary>
    public required string Nonce { get; init; }

    /// <summary>SHA-256 of the body as it travels, base64url.</summary>
    public required string Digest { get; init; }

    /// <summary>The digest of a body.</summary>
    public static string DigestOf(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(body, hash);
        return Base64Text.Of(hash);
    }

    /// <summary>The lines.</summary>
    /// <exception cref="SecurityBreachException">A value would be more than a line.</exception>
    public string Print()
    {
        string[] lines =
        [
            Version, MessageId, Type, SchemaVersion, SenderId, Audience, Tenant, TaskId, Number(Attempt), Number(LeaseEpoch),
            Number(IssuedAt.ToUnixTimeMilliseconds()), Nonce, Digest,
        ];
        foreach (var line in lines)
        {
            if (line.Any(char.IsControl)) { throw new SecurityBreachException("a value with control characters cannot be signed"); }
        }

        return string.Join('\n', lines);
    }

    /// <summary>The bytes that are signed.</summary>
    public byte[] Bytes() => Encoding.UTF8.GetBytes(Print());

    /// <summary>Reads what <see cref="Print"/> wrote, and nothing else: any other spelling of the same is refused.</summary>
    public static bool TryParse(string text, out CanonicalText? words)
    {
        words = null;
        if (text.Length > LengthMax || text.Split('\n') is not { Length: LineCount } lines || lines[0] != Version) { return false; }
        if (!int.TryParse(lines[8], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var attempt)) { return false; }
        if (!long.TryParse(lines[9], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var epoch)) { return false; }
        if (!long.TryParse(lines[10], NumberStyles.None, CultureInfo.InvariantCulture, out var issued) || issued > LastInstant) { return false; }
        var read = new CanonicalText
        {
            MessageId = lines[1],
            Type = lines[2],
            SchemaVersion = lines[3],
            SenderId = lines[4],
            Audience = lines[5],
            Tenant = lines[6],
            TaskId = lines[7],
            Attempt = attempt,
            LeaseEpoch = epoch,
            IssuedAt = DateTimeOffset.FromUnixTimeMilliseconds(issued),
            Nonce = lines[11],
            Digest = lines[12],
        };
        if (Array.Exists(lines, line => line.Any(char.IsControl)) || read.Print() != text) { return false; }
        words = read;
        return true;
    }

    private static readonly long LastInstant = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

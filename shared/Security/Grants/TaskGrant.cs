using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using A2A.Micro.Security.Encryption;
using A2A.Micro.Security.Identity;

namespace A2A.Micro.Security.Grants;

/// <summary>
/// What an agent is given with an offer, so that it may act over HTTP for that task and for nothing else (security 5). On the wire it is
/// <c>v1.kid.words.mac</c>: base64url of the members below, one a line, and HMAC-SHA256 over everything before it, under a key that is derived from the
/// master key of that name (HKDF, RFC 5869) and used for nothing else. It is worth nothing without the agent's own credential. Pure.
/// </summary>
/// <param name="TaskId">The task, by its inside id, which says its tenant.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="AgentId">The agent that the attempt was offered to.</param>
/// <param name="Scopes">The most that it may do.</param>
/// <param name="ExpiresAt">When it ends in any case, to a second; the end of the attempt ends it before.</param>
public sealed record TaskGrant(string TaskId, int Attempt, string AgentId, Scopes Scopes, DateTimeOffset ExpiresAt)
{
    /// <summary>The header that carries it.</summary>
    public const string Header = "A2A-Task-Grant";

    /// <summary>What a grant is good for at most: to hand in children, and to read what became of them.</summary>
    public const Scopes ScopesMax = Scopes.TasksSubmit | Scopes.TasksRead;

    private const string Version = "v1";
    private const int TextLengthMax = 1024;

    /// <summary>The grant as it travels, under the current key.</summary>
    public string Print(MasterKeys masters)
    {
        ArgumentNullException.ThrowIfNull(masters);
        var words = string.Join('\n', TaskId, Number(Attempt), AgentId, Number((int)Scopes), Number(ExpiresAt.ToUnixTimeSeconds()));
        var signed = string.Join('.', Version, masters.Current, Base64Url.EncodeToString(Encoding.UTF8.GetBytes(words)));
        return $"{signed}.{Base64Url.EncodeToString(Mac(masters.GrantKey(masters.Current)!, signed))}";
    }

    /// <summary>What a text grants; null, with the reason for the log, when it is none of this installation or has expired.</summary>
    public static (TaskGrant? Grant, string Reason) Read(MasterKeys masters, string? text, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(masters);
        if (text is not { Length: > 0 and <= TextLengthMax } || text.Split('.') is not [Version, var kid, var words, var mac] || !IsMac(mac, out var shown))
        {
            return (null, "not a grant");
        }

        if (masters.GrantKey(kid) is not { } key) { return (null, "a grant under an unknown key"); }
        if (!CryptographicOperations.FixedTimeEquals(Mac(key, text[..text.LastIndexOf('.')]), shown)) { return (null, "a grant that was changed"); }
        // From here on it is what this installation wrote.
        if (Encoding.UTF8.GetString(Base64Url.DecodeFromChars(words)).Split('\n') is not [var task, var attempt, var agent, var scopes, var until])
        {
            return (null, "not a grant");
        }

        var grant = new TaskGrant(task, int.Parse(attempt, CultureInfo.InvariantCulture), agent, (Scopes)int.Parse(scopes, CultureInfo.InvariantCulture),
            DateTimeOffset.FromUnixTimeSeconds(long.Parse(until, CultureInfo.InvariantCulture)));
        return grant.ExpiresAt > now ? (grant, "") : (null, "a grant that has expired");
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static byte[] Mac(byte[] key, string signed) => HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed));

    private static bool IsMac(string text, out byte[] mac)
    {
        mac = new byte[HMACSHA256.HashSizeInBytes];
        return Base64Url.IsValid(text, out var length) && length == mac.Length && Base64Url.TryDecodeFromChars(text, mac, out _);
    }
}

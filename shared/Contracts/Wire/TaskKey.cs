using System.Security.Cryptography;
using System.Text;

namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// Turns the outside id of a task into the Guid under which sagas store it (requirements R1): always derived from
/// (tenant, task_id) here, never chosen by a sender, so nobody can aim at another tenant's row.
/// </summary>
public static class TaskKey
{
    /// <summary>The tenant of an installation that knows only one.</summary>
    public const string DefaultTenant = "default";

    // Namespace of our name-based ids (RFC 9562 section 5.5), drawn once.
    private static readonly Guid Namespace = new("6f0a0f5e-6a2b-4d0c-9d4e-0d6f2f1b7a11");

    /// <summary>The key of a task, by its inside id (<see cref="TenantNames"/>).</summary>
    public static Guid Of(string taskId) => FromName(TenantNames.TenantOf(taskId) + "\n" + TenantNames.Outside(taskId));

    /// <summary>The key of a task of a tenant.</summary>
    public static Guid Of(string taskId, string tenant) => Of(TenantNames.Inside(tenant, taskId));

    /// <summary>The key of one attempt of a task: what an allocation is stored under.</summary>
    public static Guid OfAttempt(string taskId, int attempt) =>
        FromName(TenantNames.TenantOf(taskId) + "\n" + TenantNames.Outside(taskId) + "\n"
            + attempt.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>A stable id made from a text: UUID version 8, RFC 9562 section 5.8, over SHA-256.</summary>
    public static Guid FromName(string name)
    {
        var length = Encoding.UTF8.GetByteCount(name);
        Span<byte> input = length <= 512 ? stackalloc byte[16 + length] : new byte[16 + length];
        _ = Namespace.TryWriteBytes(input, bigEndian: true, out _);
        _ = Encoding.UTF8.GetBytes(name, input[16..]);
        Span<byte> hash = stackalloc byte[32];
        _ = SHA256.HashData(input, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}

using System.Text;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Security.Encryption;

/// <summary>
/// Where a task with secrets goes on from, as a text that only its agents can read: a token may hold whatever its handler knows. Bound to tenant and
/// task. Pure but for the chance.
/// </summary>
public static class SealedToken
{
    /// <summary>The token as it may leave the agent.</summary>
    public static string Seal(string token, byte[] key, TaskSeal seal) =>
        TaskRules.SealedTokenMark + Base64Text.Of(GcmBox.Seal(key, Encoding.UTF8.GetBytes(token), Words(seal)));

    /// <summary>The token as its handler wrote it; one that was not sealed, or by nobody who had this key, is what it was.</summary>
    public static string Open(string token, byte[] key, TaskSeal seal)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (!token.StartsWith(TaskRules.SealedTokenMark, StringComparison.Ordinal)
            || Base64Text.Read(token[TaskRules.SealedTokenMark.Length..]) is not { } box)
        {
            return token;
        }

        try
        {
            return Encoding.UTF8.GetString(GcmBox.Open(key, box, Words(seal)));
        }
        catch (SecurityBreachException)
        {
            // A submitter may name any place to go on from; a handler judges it, and begins anew when it is of no use.
            return token;
        }
    }

    private static byte[] Words(TaskSeal seal) => Encoding.UTF8.GetBytes($"{seal.Tenant}|{seal.TaskId}|/resume_token|{seal.Kid}|v1");
}

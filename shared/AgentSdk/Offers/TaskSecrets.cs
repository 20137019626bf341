using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Security;
using A2A.Micro.Security.Encryption;

namespace A2A.Micro.AgentSdk.Offers;

/// <summary>
/// What an attempt knows of the secrets of its task. Everything that the agent says about the task goes out through here, and everything secret that it
/// is told comes in through here. It may learn the key later than the offer: with the first secret that somebody answers. Safe from several threads.
/// </summary>
internal sealed class TaskSecrets
{
    private readonly Lock gate = new();
    private volatile Known? known;
    private volatile Secrets texts = Secrets.None;

    /// <summary>Takes the key that was sealed for this agent and this attempt.</summary>
    /// <exception cref="SecurityBreachException">It was sealed for somebody else.</exception>
    public void Learn(TaskSeal seal, AgentKey mine, string agentId, int attempt) => known ??= new Known(TaskKeyring.Open(mine, seal, agentId, attempt), seal);

    /// <summary>The document with its secrets opened.</summary>
    /// <exception cref="SecurityBreachException">They were sealed for another task or place, or have been changed.</exception>
    public JsonElement? Open(JsonElement? document, string root)
    {
        if (document is not { } given || known is not { } own) { return document; }
        var (open, secrets) = SealedFields.Open(given, root, own.Key, own.Seal);
        if (secrets.Count > 0)
        {
            lock (gate) { texts = texts.And(secrets); }
        }

        return open;
    }

    /// <summary>What a child came to, opened as far as its parent may: a child with a key of its own keeps its secrets.</summary>
    public JsonElement? OpenResult(JsonElement? result)
    {
        try
        {
            return Open(result, SealedFields.Result);
        }
        catch (SecurityBreachException)
        {
            return result;
        }
    }

    /// <summary>A place to go on from, as its handler wrote it.</summary>
    public string? OpenToken(string? token) => token is not null && known is { } own ? SealedToken.Open(token, own.Key, own.Seal) : token;

    /// <summary>A place to go on from, as it may leave: it may hold whatever its handler knows.</summary>
    public string? SealToken(string? token) => token is not null && known is { } own ? SealedToken.Seal(token, own.Key, own.Seal) : token;

    /// <summary>A result, or a part of one, as it may leave: sealed where the task says so, and where its handler's type does.</summary>
    public JsonElement? SealResult(JsonElement? result, IReadOnlyList<string> marked)
    {
        if (result is not { } made || known is not { } own) { return result; }
        var places = (own.Seal.Results ?? []).Union(marked, StringComparer.Ordinal).ToList();
        return places.Count == 0 ? result : SealedFields.Seal(made, places, SealedFields.Result, own.Key, own.Seal);
    }

    /// <summary>A child as it may leave: under the key of its parent, which the Scheduler gives to whoever does the child.</summary>
    /// <exception cref="InvalidOperationException">The child has secrets and its parent no key.</exception>
    public SubmitTask SealChild(SubmitTask child)
    {
        if (child is not { Sensitive: { Count: > 0 }, Parameters: not null }) { return child; }
        return known is { } own
            ? TaskSealing.SealWith(child, own.Key, own.Seal) with { Seal = null }
            : throw new InvalidOperationException("a child with secrets is sealed with the key of its parent, and this task has none: whoever hands it in "
                + "names a place in sensitive or sensitive_results, or its type marks one with [Sensitive]");
    }

    /// <summary>A text as it may leave.</summary>
    public string? Without(string? text) => texts.Without(text);

    /// <summary>An error as it may leave.</summary>
    public TaskError Without(TaskError error) => error with { Message = Without(error.Message)! };

    private sealed record Known(byte[] Key, TaskSeal Seal);
}

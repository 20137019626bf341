using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Scheduler.Tasks;
using A2A.Micro.Security.Encryption;
using A2A.Micro.Security.Grants;
using A2A.Micro.Security.Identity;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Scheduler.Distribution;

/// <summary>
/// Gives the agent of an offer what it shows when it acts for the task over HTTP: no more than its requester may do, no longer than the deadline. The
/// Gateway asks who handed the task in, and whether the attempt goes on, whenever it is shown.
/// </summary>
/// <param name="vault">The master keys; without any nothing is given.</param>
/// <param name="options">How long it is good at most.</param>
public sealed class OfferGrants(KeyVault vault, IOptions<SchedulerOptions> options)
{
    /// <summary>For the attempt that is being offered; null: this installation has no key to make one with.</summary>
    public string? For(TaskSaga saga, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(saga);
        if (vault.Masters is not { } masters) { return null; }
        var (end, deadline) = (now + options.Value.GrantLifetime, saga.Deadline);
        var scopes = TaskGrant.ScopesMax & ScopesOf(saga.Asked.Metadata);
        return new TaskGrant(saga.TaskId, saga.Attempt, saga.AgentId!, scopes, deadline < end ? deadline.Value : end).Print(masters);
    }

    // What the Gateway wrote of who handed the task in; where nobody was asked there is nothing to keep within.
    private static Scopes ScopesOf(JsonElement? metadata) =>
        MetadataRules.OnBehalf(metadata) is not { } whose ? Scopes.All
        : whose.TryGetProperty(MetadataRules.Scopes, out var words) && words.ValueKind == JsonValueKind.String ? ScopeWords.Parse(words.GetString()!)
        : Scopes.None;
}

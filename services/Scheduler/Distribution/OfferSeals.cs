using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Encryption;
using A2A.Micro.ServiceDefaults;
using MassTransit;

namespace A2A.Micro.Scheduler.Distribution;

/// <summary>
/// Hands the key of a task's secrets to the one agent that is offered it: opened with the master key, sealed with what the agent announced. Asked
/// for at each offer, because a key lives as long as a start of its agent; a task without secrets never comes here.
/// </summary>
/// <param name="vault">The master keys.</param>
/// <param name="ask">The key of an agent; null: it has none.</param>
public sealed class OfferSeals(KeyVault vault, Func<string, CancellationToken, Task<string?>> ask)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Asks the ResourceManager.</summary>
    public static OfferSeals Over(IBus bus, KeyVault vault) => new(vault, async (agentId, cancellation) =>
    {
        var client = bus.CreateRequestClient<TellSealingKey>(Endpoints.Address(Endpoints.Agents), Patience);
        var answer = await client.Ask<TellSealingKey, SealingKeyTold>(new TellSealingKey { AgentId = agentId }, cancellation).ConfigureAwait(false);
        return answer.SealingKey;
    });

    /// <summary>The seal for an agent. One that has announced no key gets it as it is, cannot open it, and says so.</summary>
    /// <exception cref="RequestTimeoutException">The ResourceManager does not answer.</exception>
    public async ValueTask<TaskSeal?> For(TaskSeal? seal, string agentId, int attempt, CancellationToken cancellation)
    {
        if (seal is null || vault.Masters is not { } masters) { return seal; }
        return await ask(agentId, cancellation).ConfigureAwait(false) is { } key ? TaskKeyring.ForAgent(masters, seal, key, agentId, attempt) : seal;
    }
}

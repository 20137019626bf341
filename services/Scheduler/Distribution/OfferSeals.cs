using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Tasks;
using A2A.Micro.Security;
using A2A.Micro.Security.Encryption;
using A2A.Micro.ServiceDefaults;
using MassTransit;

namespace A2A.Micro.Scheduler.Distribution;

/// <summary>
/// Hands the key of a task's secrets to the one agent that is offered it: opened with the master key, sealed with what the agent announced. Asked
/// for at each offer, because a key lives as long as a start of its agent; offers that meet share one question. A task without secrets never comes here.
/// </summary>
/// <param name="vault">The master keys.</param>
/// <param name="ask">The key of an agent; null: it has none.</param>
public sealed class OfferSeals(KeyVault vault, Func<string, CancellationToken, Task<string?>> ask)
{
    private const string Missing = "the Scheduler has no master key to seal secrets with: set Security__MasterKeyFile, see docs/bus-security.md";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly SharedQuestion<string?> _asked = new(ask);

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
        return await _asked.Ask(agentId, cancellation).ConfigureAwait(false) is { } key
            ? TaskKeyring.ForAgent(masters, seal, key, agentId, attempt)
            : seal;
    }

    /// <summary>What is against a task because its secrets could not be sealed; null: nothing.</summary>
    public Judgement? Objection(SubmitTask task) => task.Seal is null && TaskSealing.HasSecrets(task) && vault.Masters is null
        ? new Judgement(Verdict.Reject) { Cause = Verdicts.Ended(ErrorKind.UnsupportedRequest, Missing) }
        : null;

    /// <summary>
    /// A task as it may be stored: what came over the bus with secrets in clear text is sealed here, or kept without them where there is no key. What
    /// an agent sealed for a child is opened by the key of its parent, of which the parent will tell.
    /// </summary>
    public SubmitTask Taken(SubmitTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task.Seal is not null || task.Sensitive is not { Count: > 0 } || IsSealed(task)) { return task; }
        return vault.Masters is { } masters ? TaskSealing.Seal(task, masters) : task with { Parameters = null };
    }

    /// <summary>
    /// A task that its parent has taken in: under the key of the parent where that is told to it, for it is a part of a task with secrets; otherwise
    /// under one of its own for what it will come to.
    /// </summary>
    public SubmitTask AtHome(SubmitTask task, TaskSeal? parents)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Seal is not null ? task
            : parents is not null ? task with { Seal = parents with { Results = task.SensitiveResults, ForAgent = null } }
            : !IsSealed(task) && vault.Masters is { } masters ? TaskSealing.Seal(task, masters)
            : task;
    }

    /// <summary>
    /// An answer as it is kept: under the key of its task where its question asks for a secret. A task that has no key gets one with its first secret.
    /// </summary>
    /// <param name="task">The task as it is asked for.</param>
    /// <param name="question">What is answered.</param>
    /// <param name="input">In clear text, or as the Gateway sealed it for this task.</param>
    /// <exception cref="SecurityBreachException">It was sealed for another task, or by nobody here.</exception>
    public (JsonElement Input, TaskSeal? Seal) Taken(SubmitTask task, InputQuestion question, JsonElement input)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(question);
        if (vault.Masters is not { } masters) { return (input, task.Seal); }
        var open = input;
        if (SealedFields.TaskOf(input) is { } sealedFor)
        {
            if (sealedFor != task.TaskId) { throw new SecurityBreachException("an answer was sealed for another task"); }
            open = SealedFields.Reveal(input, SealedFields.Input, masters, TenantNames.TenantOf(task.TaskId))!.Value;
        }

        if (question.Sensitive != true) { return (open, task.Seal); }
        var seal = task.Seal ?? TaskKeyring.New(masters, TenantNames.TenantOf(task.TaskId), task.TaskId).Seal;
        return (SealedFields.Seal(open, [""], $"{SealedFields.Inputs}/{question.Key}", TaskKeyring.Open(masters, seal), seal), seal);
    }

    private static bool IsSealed(SubmitTask task) => task.Parameters is { } given && SealedFields.HasSealed(given);
}

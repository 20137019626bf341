using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Encryption;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Seals the secrets of a task before anything of it is stored or sent: what the caller named and what its type marks. Tasks without any never
/// come near a key.
/// </summary>
public sealed class Sealing(KeyVault vault)
{
    /// <summary>What is against a task because its secrets could not be sealed; null: nothing.</summary>
    public FieldError? Objection(SubmitTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return HasSecrets(task) && vault.Masters is null
            ? new FieldError("#/sensitive", "this installation has no master key to seal secrets with: set Security__MasterKeyFile, see docs/bus-security.md",
                ErrorKind.UnsupportedRequest.Code)
            : null;
    }

    /// <summary>The task with its secrets sealed, and the key of what it will come to.</summary>
    public SubmitTask Seal(SubmitTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (!HasSecrets(task) || vault.Masters is not { } masters) { return task; }
        var (key, seal) = TaskKeyring.New(masters, TenantNames.TenantOf(task.TaskId), task.TaskId);
        seal = seal with { Results = task.SensitiveResults };
        return task with
        {
            Parameters = task.Parameters is { } given ? SealedFields.Seal(given, task.Sensitive ?? [], SealedFields.Parameters, key, seal) : null,
            Seal = seal,
        };
    }

    private static bool HasSecrets(SubmitTask task) => task.Sensitive is { Count: > 0 } || task.SensitiveResults is { Count: > 0 };
}

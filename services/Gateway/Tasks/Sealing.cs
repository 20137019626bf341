using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security;
using A2A.Micro.Security.Encryption;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Seals the secrets of a task before anything of it is stored or sent: what the caller named, what its type marks, and answers to questions that ask
/// for a secret. Tasks without any never come near a key.
/// </summary>
public sealed class Sealing(KeyVault vault)
{
    private const string Missing = "this installation has no master key to seal secrets with: set Security__MasterKeyFile, see docs/bus-security.md";

    /// <summary>What is against a task because its secrets could not be sealed; null: nothing.</summary>
    public FieldError? Objection(SubmitTask task) => TaskSealing.HasSecrets(task) && vault.Masters is null
        ? new FieldError("#/sensitive", Missing, ErrorKind.UnsupportedRequest.Code)
        : null;

    /// <summary>The task with its secrets sealed, and the key of what it will come to.</summary>
    public SubmitTask Seal(SubmitTask task) => vault.Masters is { } masters ? TaskSealing.Seal(task, masters) : task;

    /// <summary>What is against an answer: it speaks for the system, or is a secret that could not be sealed; null: nothing.</summary>
    public FieldError? Objection(ProvideInput answer, bool isSecret)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return SealedFields.Forged(answer.Input) is { } place
            ? new FieldError("#/input" + place, $"the member {SealedFields.Mark} is the system's", ErrorKind.Validation.Code)
            : isSecret && vault.Masters is null ? new FieldError("#/input", Missing, ErrorKind.UnsupportedRequest.Code)
            : null;
    }

    /// <summary>An answer with its secret sealed for the task alone.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="insideId">The task, as it is called inside.</param>
    /// <param name="earlier">What the same command said before, when it was here before: the same answer is the same words again.</param>
    public ProvideInput Seal(ProvideInput answer, string insideId, ProvideInput? earlier)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (vault.Masters is not { } masters) { return answer; }
        var tenant = TenantNames.TenantOf(insideId);
        if (earlier is not null && Says(earlier.Input, answer.Input, masters, tenant)) { return answer with { Input = earlier.Input }; }
        var (key, seal) = TaskKeyring.New(masters, tenant, insideId);
        return answer with { Input = SealedFields.Seal(answer.Input, [""], SealedFields.Input, key, seal) };
    }

    private static bool Says(JsonElement earlier, JsonElement now, MasterKeys masters, string tenant)
    {
        try
        {
            return SealedFields.TaskOf(earlier) is not null
                && JsonElement.DeepEquals(SealedFields.Reveal(earlier, SealedFields.Input, masters, tenant)!.Value, now);
        }
        catch (SecurityBreachException)
        {
            return false;
        }
    }
}

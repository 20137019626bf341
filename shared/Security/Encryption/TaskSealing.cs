using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Security.Encryption;

/// <summary>Seals the secrets of a task under a key of its own. Tasks without any never come near a key. Pure but for the chance.</summary>
public static class TaskSealing
{
    /// <summary>Whether a task names secrets.</summary>
    public static bool HasSecrets(SubmitTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Sensitive is { Count: > 0 } || task.SensitiveResults is { Count: > 0 };
    }

    /// <summary>The task with its secrets sealed, and the key of what it will come to; one without secrets is what it was.</summary>
    public static SubmitTask Seal(SubmitTask task, MasterKeys masters)
    {
        if (!HasSecrets(task)) { return task; }
        var (key, seal) = TaskKeyring.New(masters, TenantNames.TenantOf(task.TaskId), task.TaskId);
        return SealWith(task, key, seal with { Results = task.SensitiveResults });
    }

    /// <summary>The task with its secrets sealed under a key that is there already.</summary>
    public static SubmitTask SealWith(SubmitTask task, byte[] key, TaskSeal seal)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task with
        {
            Parameters = task.Parameters is { } given
                ? SealedFields.Seal(given, (task.Sensitive ?? []).Where(place => place is not null), SealedFields.Parameters, key, seal)
                : null,
            Seal = seal,
        };
    }
}

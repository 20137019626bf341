using System.Security.Cryptography;
using System.Text;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Security.Encryption;

/// <summary>The key of one task, made, wrapped and handed on. Pure but for the chance.</summary>
public static class TaskKeyring
{
    /// <summary>A new key for a task, and its seal.</summary>
    public static (byte[] Key, TaskSeal Seal) New(MasterKeys masters, string tenant, string taskId)
    {
        ArgumentNullException.ThrowIfNull(masters);
        var key = RandomNumberGenerator.GetBytes(32);
        var (kid, wrapped) = masters.Wrap(tenant, taskId, key);
        return (key, new TaskSeal { Tenant = tenant, TaskId = taskId, Kid = kid, Wrapped = wrapped });
    }

    /// <summary>The key behind a seal, for the installation.</summary>
    /// <exception cref="SecurityBreachException">The seal is not of this installation.</exception>
    public static byte[] Open(MasterKeys masters, TaskSeal seal)
    {
        ArgumentNullException.ThrowIfNull(masters);
        ArgumentNullException.ThrowIfNull(seal);
        return masters.Unwrap(seal.Tenant, seal.TaskId, seal.Kid, seal.Wrapped);
    }

    /// <summary>The seal with the key wrapped for one agent and one attempt.</summary>
    /// <exception cref="SecurityBreachException">The seal is not of this installation, or the agent's key is none.</exception>
    public static TaskSeal ForAgent(MasterKeys masters, TaskSeal seal, string agentKey, string agentId, int attempt) =>
        seal with { ForAgent = AgentKey.SealFor(agentKey, Open(masters, seal), Words(seal, agentId, attempt)) };

    /// <summary>The key behind a seal, for the agent that it was wrapped for.</summary>
    /// <exception cref="SecurityBreachException">It was wrapped for somebody else, or for something else.</exception>
    public static byte[] Open(AgentKey agent, TaskSeal seal, string agentId, int attempt)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(seal);
        return seal.ForAgent is { } box
            ? agent.Open(box, Words(seal, agentId, attempt))
            : throw new SecurityBreachException("the task's key was not wrapped for this agent");
    }

    private static byte[] Words(TaskSeal seal, string agentId, int attempt) =>
        Encoding.UTF8.GetBytes($"{seal.Tenant}|{seal.TaskId}|{agentId}|{attempt}|{seal.Kid}|v1");
}

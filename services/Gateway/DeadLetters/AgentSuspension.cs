using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Limits;
using A2A.Micro.Gateway.Resources;
using A2A.Micro.Security.Audit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>
/// An agent whose messages the bus refuses again and again, because they are not its own to say, gets no more work: it is cordoned, with the reason, as an
/// operator would, and an operator ends it. Who said a message is what the broker knows of it, so that nobody can bring another agent into this. What it
/// holds already goes on or runs into its time limits. Who is cordoned already stays as the operator wants it.
/// </summary>
internal sealed class AgentSuspension(
    IOptions<GatewayOptions> options, ResourceQuestions resources, AuditLog audit, TimeProvider clock, ILogger<AgentSuspension> log)
{
    private const string Shared = "";
    private readonly Buckets<string> _patience = new(Patience(options.Value), Shared, clock);

    // Whoever goes on after a word to the ResourceManager is not worth another one for each message.
    private readonly Buckets<string> _words = new(new Bucket(1 / options.Value.AgentRefusalsWithin.TotalSeconds, 1), Shared, clock);

    /// <summary>A message of this agent was refused.</summary>
    public async Task Hear(string agentId, CancellationToken cancellation)
    {
        if (_patience.Take(agentId).IsAllowed || !_words.Take(agentId).IsAllowed) { return; }
        try
        {
            await Suspend(agentId, cancellation).ConfigureAwait(false);
        }
        catch (ProtocolException e)
        {
            // If it goes on, so do we.
            SuspensionLog.NotSuspended(log, agentId, e.Message);
        }
    }

    private async Task Suspend(string agentId, CancellationToken cancellation)
    {
        var patience = options.Value.AnswerTimeout;
        var all = await resources.Ask<ListAgents, AgentList>(new ListAgents(), patience, cancellation).ConfigureAwait(false);
        if (all.Agents.FirstOrDefault(agent => agent.AgentId == agentId) is not { Cordon: null }) { return; }
        var reason = $"suspended: more than {options.Value.AgentRefusalsMax} of its messages were refused within {options.Value.AgentRefusalsWithin}; "
            + "GET /v1/audit and GET /v1/dead-letters show which";
        _ = await resources.Ask<SteerAgent, AgentSteered>(
            new SteerAgent { AgentId = agentId, Action = SteerAction.Cordon, Reason = reason }, patience, cancellation).ConfigureAwait(false);
        SuspensionLog.Suspended(log, agentId, reason);
        await audit.Keep(new AuditEntry
        {
            At = clock.GetUtcNow(),
            Actor = "gateway",
            Tenant = TenantNames.Default,
            Action = "cordonAgent",
            Object = agentId,
            Outcome = "done",
            Reason = reason,
        }, cancellation).ConfigureAwait(false);
    }

    private static Bucket? Patience(GatewayOptions options) => options.AgentRefusalsMax > 0
        ? new Bucket(options.AgentRefusalsMax / options.AgentRefusalsWithin.TotalSeconds, options.AgentRefusalsMax)
        : null;
}

internal static partial class SuspensionLog
{
    [LoggerMessage(3033, LogLevel.Error, "{AgentId} gets no more work: {Reason}")]
    public static partial void Suspended(ILogger log, string agentId, string reason);

    [LoggerMessage(3034, LogLevel.Warning, "{AgentId} should be suspended and could not be: {Reason}")]
    public static partial void NotSuspended(ILogger log, string agentId, string reason);
}

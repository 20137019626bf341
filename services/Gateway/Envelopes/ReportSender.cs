using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Envelopes;

/// <summary>Reports of agents that speak the envelope: who is heard, and their way on.</summary>
public sealed class ReportSender(StateReader states, ILane lane, TimeProvider clock, IOptions<GatewayOptions> options)
{
    /// <summary>
    /// Why a report is not heard; null when it is. An agent that knows of no attempts means its first one; later it must say which, for an earlier one may
    /// still be speaking. Pure.
    /// </summary>
    public static string? Objection(int? attempt, string? agentId, TaskDocument task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return agentId is null ? "Only the agent that has the task may report: send executor_agent_id."
            : task.State.IsTerminal() ? $"The task is {task.State.Word()}."
            : (attempt ?? 1) != task.Attempt ? $"The task is at attempt {task.Attempt}: send attempt."
            : task.AgentId != agentId ? "The task is with another agent."
            : null;
    }

    /// <summary>The task that a report is of, when its sender is heard; otherwise the refusal.</summary>
    internal async Task<(TaskDocument? Task, IResult? Refusal)> Hear(string taskId, int? attempt, string? agentId, CancellationToken cancellation)
    {
        if (Impostor(agentId) is { } impostor) { return (null, impostor); }
        if (await states.Find(taskId, cancellation).ConfigureAwait(false) is not { Document: var task }) { return (null, Problems.NoSuchTask(taskId)); }
        return Objection(attempt, agentId, task) is { } sentence
            ? (null, Problems.Of(ErrorKind.Conflict, sentence, state: task.State.Word()))
            : (task, null);
    }

    /// <summary>The refusal of a caller that speaks for another agent than itself: an agent's credential bears its id. Null when it may speak.</summary>
    private static IResult? Impostor(string? agentId) =>
        agentId is null || Caller.Current.IsAnonymous || Caller.Current.Subject == agentId
            ? null
            : Problems.Of(ErrorKind.Forbidden, $"The credential is not that of the agent {Problems.Quote(agentId)}.");

    /// <summary>Sends a report on its way.</summary>
    /// <exception cref="ProtocolException">The broker did not take it in time.</exception>
    public async Task Send(string endpoint, object report, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Value.AnswerTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await lane.Send([Outgoing.Command(endpoint, report, clock)], either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new ProtocolException(ErrorKind.Connection, "The broker did not take the report in time; send it again.");
        }
    }
}

using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Resources;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Agents;

/// <summary>Who does the work: asked of the ResourceManager, which owns the answer.</summary>
public static class AgentEndpoints
{
    /// <summary>Adds the routes of agents.</summary>
    public static void MapAgents(this IEndpointRouteBuilder v1)
    {
        var agents = v1.MapGroup("/agents").WithTags("Agents");
        _ = agents.MapGet("/", List).WithName("listAgents").WithSummary("Every agent that is known, by id")
            .Produces<AgentList>().ProducesErrors(503);
        _ = agents.MapGet("/{agentId}", Get).WithName("getAgent").WithSummary("One agent")
            .Produces<AgentView>().ProducesErrors(404, 503);
        Map(agents, SteerAction.Cordon, "Give an agent no more work", "What it has goes on. Holds over restarts of the agent, until it is uncordoned.");
        Map(agents, SteerAction.Drain, "Let an agent run empty", "The same as a cordon, and it is shown as draining: it is about to be taken away.");
        Map(agents, SteerAction.Uncordon, "Give an agent work again", "Ends a cordon and a drain. One that says itself that it drains goes on draining.");
    }

    private static void Map(RouteGroupBuilder agents, SteerAction action, string summary, string description) =>
        agents.MapPost("/{agentId}/" + action.Word(), (string agentId, ResourceQuestions questions, IOptions<GatewayOptions> options, HttpContext http) =>
                Steer(agentId, action, questions, options.Value, http))
            .WithName(action.Word() + "Agent").WithSummary(summary).WithDescription(description + " The same again changes nothing but the reason.")
            .Accepts<SteerRequest>(isOptional: true, "application/json", "*/*")
            .Produces<AgentView>().ProducesErrors(400, 404, 413, 415, 503);

    private static async Task<IResult> Steer(
        string agentId, SteerAction action, ResourceQuestions questions, GatewayOptions options, HttpContext http)
    {
        var errors = new List<FieldError>();
        var body = await RequestBody.Read(http.Request, options, optional: true, http.RequestAborted).ConfigureAwait(false);
        var reason = body is { } said ? new JsonFields(said, "#", errors, "reason").Text("reason", 2000) : null;
        if (errors.Count > 0) { return Problems.Of(errors); }
        var answer = await questions.Ask<SteerAgent, AgentSteered>(
            new SteerAgent { AgentId = agentId, Action = action, Reason = reason }, options.AnswerTimeout, http.RequestAborted).ConfigureAwait(false);
        return answer.Agent is { } agent
            ? TypedResults.Ok(agent)
            : Problems.Of(ErrorKind.NotFound, $"There is no agent {Problems.Quote(agentId)}.");
    }

    private static async Task<IResult> List(
        IRequestClient<ListAgents> resources, TimeProvider clock, IOptions<GatewayOptions> options, CancellationToken cancellation) =>
        TypedResults.Ok(await Ask(resources, clock, options.Value.AnswerTimeout, cancellation).ConfigureAwait(false));

    private static async Task<IResult> Get(
        string agentId,
        IRequestClient<ListAgents> resources,
        TimeProvider clock,
        IOptions<GatewayOptions> options,
        CancellationToken cancellation)
    {
        var all = await Ask(resources, clock, options.Value.AnswerTimeout, cancellation).ConfigureAwait(false);
        return all.Agents.FirstOrDefault(agent => agent.AgentId == agentId) is { } found
            ? TypedResults.Ok(found)
            : Problems.Of(ErrorKind.NotFound, $"There is no agent {Problems.Quote(agentId)}.");
    }

    private static async Task<AgentList> Ask(
        IRequestClient<ListAgents> resources, TimeProvider clock, TimeSpan timeout, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await resources.Ask<ListAgents, AgentList>(new ListAgents(), either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested
            && e is OperationCanceledException or RequestException)
        {
            throw new ProtocolException(ErrorKind.Timeout, "The ResourceManager did not answer in time; try again.");
        }
    }
}

/// <summary>Why an operator steers an agent; the body may be left out.</summary>
public sealed record SteerRequest
{
    /// <summary>For whoever looks at the agent; at most 2000 characters.</summary>
    public string? Reason { get; init; }
}

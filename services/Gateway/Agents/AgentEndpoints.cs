using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
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
            return (await resources.GetResponse<AgentList>(new ListAgents(), either.Token).ConfigureAwait(false)).Message;
        }
        catch (Exception e) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested
            && e is OperationCanceledException or RequestException)
        {
            throw new ProtocolException(ErrorKind.Timeout, "The ResourceManager did not answer in time; try again.");
        }
    }
}

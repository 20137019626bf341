using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.AgentSdk.Offers;

/// <summary>A task type and the handler behind it, with the types of parameters and result out of sight.</summary>
internal abstract class HandlerBinding(string pattern)
{
    public string Pattern { get; } = pattern;

    /// <summary>What is announced.</summary>
    public abstract AgentCapability Describe();

    /// <summary>Reads an offer's parameters and asks the handler.</summary>
    /// <exception cref="TaskRejectedException">The parameters do not bind, or the handler objects.</exception>
    public abstract IWork Prepare(OfferTask offer, IServiceProvider services);
}

/// <summary>A handler with its parameters, ready to start.</summary>
internal interface IWork
{
    /// <summary>How long it takes at least, where the handler knows.</summary>
    TimeSpan? Estimate { get; }

    /// <summary>Does it; null when the result is over its limit.</summary>
    Task<JsonElement?> Perform(IServiceProvider services, TaskContext context);
}

/// <inheritdoc />
internal sealed class HandlerBinding<TIn, TOut>(string pattern, Func<IServiceProvider, ITaskHandler<TIn, TOut>> create)
    : HandlerBinding(pattern)
{
    public override AgentCapability Describe() => new()
    {
        TaskType = Pattern,
        ParametersSchema = HandlerJson.Schema(typeof(TIn)),
        ResultSchema = HandlerJson.Schema(typeof(TOut)),
    };

    public override IWork Prepare(OfferTask offer, IServiceProvider services)
    {
        var parameters = HandlerJson.Read<TIn>(offer.Parameters);
        using var scope = services.CreateScope();
        var handler = create(scope.ServiceProvider);
        handler.CanAccept(parameters, offer);
        return new Work(parameters, handler.Estimate(parameters), create);
    }

    private sealed class Work(
        TIn parameters, TimeSpan? estimate, Func<IServiceProvider, ITaskHandler<TIn, TOut>> create)
        : IWork
    {
        public TimeSpan? Estimate => estimate;

        public async Task<JsonElement?> Perform(IServiceProvider services, TaskContext context)
        {
            await using var scope = services.CreateAsyncScope();
            var result = await create(scope.ServiceProvider).Handle(parameters, context);
            return HandlerJson.TryWrite(result, typeof(TOut), out var element) ? element : null;
        }
    }
}

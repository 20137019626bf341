using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.AgentSdk.Offers;

/// <summary>A task type and the handler behind it, with the types of parameters and result out of sight.</summary>
internal abstract class HandlerBinding(AgentCapability capability)
{
    public string Pattern => capability.TaskType;

    /// <summary>Version of the type; null when it has none.</summary>
    public string? Version => capability.Version;

    /// <summary>What is announced.</summary>
    public AgentCapability Describe() => capability;

    /// <summary>Whether it does this type: by name, by name and version, or by a pattern.</summary>
    public bool Covers(string taskType) =>
        TypePattern.Covers(Pattern, taskType) || (Version is not null && TaskTypeName.Join(Pattern, Version) == taskType);

    /// <summary>Reads an offer's parameters and asks the handler.</summary>
    /// <exception cref="TaskRejectedException">The parameters do not fit the schema or do not bind, or the handler objects.</exception>
    public abstract IWork Prepare(OfferTask offer, IServiceProvider services);
}

/// <summary>A handler with its parameters, ready to start.</summary>
internal interface IWork
{
    /// <summary>How long it takes at least, where the handler knows.</summary>
    TimeSpan? Estimate { get; }

    /// <summary>Where its result holds secrets, as the type marks them.</summary>
    IReadOnlyList<string> Secrets { get; }

    /// <summary>Does it; null when the result is over its limit.</summary>
    Task<JsonElement?> Perform(IServiceProvider services, TaskContext context);
}

/// <inheritdoc />
internal sealed class HandlerBinding<TIn, TOut>(AgentCapability capability, Func<IServiceProvider, ITaskHandler<TIn, TOut>> create)
    : HandlerBinding(capability)
{
    private readonly IReadOnlyList<string> secrets = [.. SensitiveAttribute.Places(capability.ResultSchema ?? HandlerJson.Schema(typeof(TOut)))];
    private readonly ParameterCheck check = new(capability.ParametersSchema ?? HandlerJson.Schema(typeof(TIn)));

    public override IWork Prepare(OfferTask offer, IServiceProvider services)
    {
        check.Require(offer.Parameters);
        var parameters = HandlerJson.Read<TIn>(offer.Parameters);
        using var scope = services.CreateScope();
        var handler = create(scope.ServiceProvider);
        handler.CanAccept(parameters, offer);
        return new Work(parameters, handler.Estimate(parameters), secrets, create);
    }

    private sealed class Work(
        TIn parameters, TimeSpan? estimate, IReadOnlyList<string> secrets, Func<IServiceProvider, ITaskHandler<TIn, TOut>> create)
        : IWork
    {
        public TimeSpan? Estimate => estimate;

        public IReadOnlyList<string> Secrets => secrets;

        public async Task<JsonElement?> Perform(IServiceProvider services, TaskContext context)
        {
            await using var scope = services.CreateAsyncScope();
            var result = await create(scope.ServiceProvider).Handle(parameters, context);
            return HandlerJson.TryWrite(result, typeof(TOut), out var element, PayloadReference.BytesMax) ? element : null;
        }
    }
}

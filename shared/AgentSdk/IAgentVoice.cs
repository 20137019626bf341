using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.AgentSdk;

/// <summary>How an agent says something: completes when the broker has confirmed it.</summary>
internal interface IAgentVoice
{
    /// <summary>Sends a command to an endpoint.</summary>
    Task Send<T>(string endpoint, T message, CancellationToken cancellationToken) where T : class;

    /// <summary>Whether answers can come to it. An agent with an account of its own at the broker has no queue for them.</summary>
    bool CanAsk => true;

    /// <summary>Asks an endpoint, and waits for its answer for a while.</summary>
    Task<TAnswer> Ask<TQuestion, TAnswer>(string endpoint, TQuestion question, CancellationToken cancellationToken)
        where TQuestion : class where TAnswer : class;
}

/// <summary>The bus. It is asked for at the first word, because the endpoints of an agent are made while the bus is being made.</summary>
internal sealed class BusVoice(IServiceProvider services) : IAgentVoice
{
    private static readonly RequestTimeout Patience = RequestTimeout.After(s: 5);

    // A host that is not made by MicroHost has a bus, but perhaps no lanes.
    private readonly Lazy<ILane> lane = new(() =>
        services.GetService<ILane>() ?? new DirectLane(services.GetRequiredService<IBus>()));

    public Task Send<T>(string endpoint, T message, CancellationToken cancellationToken) where T : class =>
        lane.Value.Send([Outgoing.Command(endpoint, message, services.GetRequiredService<TimeProvider>())], cancellationToken);

    public bool CanAsk => services.GetService<Egress>() is null;

    public async Task<TAnswer> Ask<TQuestion, TAnswer>(string endpoint, TQuestion question, CancellationToken cancellationToken)
        where TQuestion : class where TAnswer : class
    {
        var client = services.GetRequiredService<IBus>().CreateRequestClient<TQuestion>(Endpoints.Address(endpoint), Patience);
        return await client.Ask<TQuestion, TAnswer>(question, cancellationToken);
    }
}

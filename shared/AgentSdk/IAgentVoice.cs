using System.Collections.Concurrent;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.AgentSdk;

/// <summary>How an agent says something: completes when the broker has confirmed it.</summary>
internal interface IAgentVoice
{
    /// <summary>Sends a command to an endpoint.</summary>
    Task Send<T>(string endpoint, T message, CancellationToken cancellationToken) where T : class;

    /// <summary>Asks an endpoint, and waits for its answer for a while.</summary>
    Task<TAnswer> Ask<TQuestion, TAnswer>(string endpoint, TQuestion question, CancellationToken cancellationToken)
        where TQuestion : class where TAnswer : class;

    /// <summary>Takes an answer that has come; one for which nobody waits any more is passed over.</summary>
    void Hear(Guid? question, object answer);
}

/// <summary>
/// The bus. It is asked for at the first word, because the endpoints of an agent are made while the bus is being made. Answers come to the agent's own
/// queue of commands: an agent with an account of its own at the broker has no other one, and needs none.
/// </summary>
internal sealed class BusVoice(IServiceProvider services, string agentId) : IAgentVoice
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<object>> open = new();

    // A host that is not made by MicroHost has a bus, but perhaps no lanes.
    private readonly Lazy<ILane> lane = new(() =>
        services.GetService<ILane>() ?? new DirectLane(services.GetRequiredService<IBus>()));

    private TimeProvider Clock => services.GetRequiredService<TimeProvider>();

    public Task Send<T>(string endpoint, T message, CancellationToken cancellationToken) where T : class =>
        lane.Value.Send([Outgoing.Command(endpoint, message, Clock)], cancellationToken);

    public async Task<TAnswer> Ask<TQuestion, TAnswer>(string endpoint, TQuestion question, CancellationToken cancellationToken)
        where TQuestion : class where TAnswer : class
    {
        var asked = Outgoing.Command(endpoint, question, Clock);
        var answer = open[asked.Id] = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await lane.Value.Send([asked with
            {
                RequestId = asked.Id,
                ResponseAddress = Endpoints.Address(Endpoints.AgentControl(agentId)),
                TimeToLive = Patience,
            }], cancellationToken);
            return await answer.Task.WaitAsync(Patience, Clock, cancellationToken) as TAnswer
                ?? throw new InvalidOperationException($"{endpoint} could not answer a {typeof(TQuestion).Name}");
        }
        finally
        {
            _ = open.TryRemove(asked.Id, out _);
        }
    }

    public void Hear(Guid? question, object answer)
    {
        if (open.TryGetValue(question ?? Guid.Empty, out var waiting)) { _ = waiting.TrySetResult(answer); }
    }
}

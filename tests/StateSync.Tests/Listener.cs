using System.Collections.Concurrent;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync.States;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.StateSync.Tests;

/// <summary>A module that only listens, and an observer of what faults.</summary>
internal sealed class Listener : IModule, IReceiveObserver
{
    private int _statuses;

    public ConcurrentBag<(StateChanged Changed, Guid? MessageId)> All { get; } = [];

    public ConcurrentBag<Exception> Faulted { get; } = [];

    public int Statuses => Volatile.Read(ref _statuses);

    public string Name => "listener";

    public Task Heard(string taskId, long version) => Eventually.True(
        () => Enumerable.Range(1, (int)version).All(wanted =>
            All.Any(one => one.Changed.TaskId == taskId && one.Changed.Version == wanted)),
        $"versions 1..{version} of {taskId} are announced",
        () => string.Join(", ", All.Select(one => one.Changed)));

    /// <summary>Sends what a task causes to the endpoints that hear it.</summary>
    public static async Task Send(IServiceProvider services, IEnumerable<StateInput> inputs)
    {
        var bus = services.GetRequiredService<IBus>();
        foreach (var input in inputs)
        {
            var (endpoint, message) = input switch
            {
                StateInput.Transition transition => (Endpoints.Transitions, (object)transition.Message),
                StateInput.Status status => (Endpoints.Status, status.Message),
                StateInput.Partial partial => (Endpoints.Status, partial.Message),
                _ => throw new ArgumentOutOfRangeException(nameof(inputs)),
            };
            var address = await bus.GetSendEndpoint(Endpoints.Address(endpoint));
            await address.Send(message, message.GetType());
        }
    }

    public void AddServices(IServiceCollection services, HostSetup setup)
    {
    }

    public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup) => bus.AddReceiveObserver(_ => this);

    public void AddEndpoints(IBusFactoryConfigurator bus, IBusRegistrationContext context) =>
        bus.ReceiveEndpoint("listener", endpoint =>
        {
            endpoint.Handler<StateChanged>(message =>
            {
                All.Add((message.Message, message.MessageId));
                return Task.CompletedTask;
            });
            endpoint.Handler<StatesChanged>(message =>
            {
                foreach (var changed in message.Message.Changes) { All.Add((changed, null)); }
                return Task.CompletedTask;
            });
        });

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class
    {
        if (context.Message is TaskStatusUpdate) { _ = Interlocked.Increment(ref _statuses); }
        return Task.CompletedTask;
    }

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class
    {
        Faulted.Add(exception);
        return Task.CompletedTask;
    }

    public Task ReceiveFault(ReceiveContext context, Exception exception)
    {
        Faulted.Add(exception);
        return Task.CompletedTask;
    }
}

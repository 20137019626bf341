using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.Scheduler.Tasks;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Scheduler.Tests;

/// <summary>
/// The Scheduler alone on an in-memory bus. Nobody else listens, so what it says is seen by observing its sends; a message counts as handled
/// when its consumption has ended, so nothing waits for time.
/// </summary>
public sealed class RunningScheduler : IAsyncLifetime, ISendObserver, IPublishObserver, IConsumeObserver
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _handled = new();
    private readonly ConcurrentQueue<(Guid? Cause, object Message)> _said = new();
    private static readonly AsyncLocal<Guid?> Handling = new();
    private WebApplication? _app;

    public ManualClock Clock { get; } = new();

    private IServiceProvider Services => _app!.Services;

    public async Task InitializeAsync()
    {
        _app = MicroHost.Build(["--urls", "http://127.0.0.1:0"], TransportKind.InMemory, StoreKind.InMemory,
            [new SchedulerModule(), new ClockModule(Clock)]);
        var bus = Services.GetRequiredService<IBusControl>();
        _ = bus.ConnectSendObserver(this);
        _ = bus.ConnectPublishObserver(this);
        _ = bus.ConnectConsumeObserver(this);
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Sends a message to the Scheduler and returns what it said while handling it, task.transitioned left out.</summary>
    public Task<IReadOnlyList<object>> Hear(object message) => Hear(message, Endpoints.Tasks);

    /// <summary>The same on another queue of the Scheduler.</summary>
    public async Task<IReadOnlyList<object>> Hear(object message, string queue)
    {
        var id = Guid.CreateVersion7(Clock.GetUtcNow());
        var done = _handled.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var endpoint = await Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(queue));
        await endpoint.Send(message, message.GetType(), context => context.MessageId = id);
        await done.Task.WaitAsync(Eventually.Patience);
        return [.. _said.Where(entry => entry.Cause == id).Select(entry => entry.Message)];
    }

    /// <summary>The saga as it is stored; null when there is none.</summary>
    public async Task<TaskSaga?> Find(string taskId) =>
        (await Services.GetRequiredService<ISagaStore<TaskSaga>>()
            .Load(TaskKey.Of(taskId), Guid.CreateVersion7(Clock.GetUtcNow()), starts: false, CancellationToken.None)).Saga;

    /// <summary>Puts a saga in the place of the stored one, as if its life had been another.</summary>
    public async Task Store(TaskSaga saga)
    {
        var unit = new UnitOfWork<TaskSaga>(Guid.CreateVersion7(Clock.GetUtcNow())) { Saga = saga, Before = await Find(saga.TaskId), Changed = true };
        Assert.True(await Services.GetRequiredService<ISagaStore<TaskSaga>>().Commit(unit, CancellationToken.None));
    }

    public Task PreConsume<T>(ConsumeContext<T> context) where T : class
    {
        Handling.Value = context.MessageId;
        return Task.CompletedTask;
    }

    public Task PostConsume<T>(ConsumeContext<T> context) where T : class
    {
        if (_handled.TryGetValue(context.MessageId!.Value, out var done)) { _ = done.TrySetResult(); }
        return Task.CompletedTask;
    }

    public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception) where T : class
    {
        if (_handled.TryGetValue(context.MessageId!.Value, out var done)) { _ = done.TrySetException(exception); }
        return Task.CompletedTask;
    }

    public Task PreSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

    public Task PostSend<T>(SendContext<T> context) where T : class => Note(context);

    public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    public Task PrePublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context) where T : class => Note(context);

    public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    private Task Note<T>(SendContext<T> context) where T : class
    {
        _said.Enqueue((Handling.Value, context.Message));
        return Task.CompletedTask;
    }

    [SuppressMessage("Performance", "CA1812", Justification = "made by the host")]
    private sealed class ClockModule(TimeProvider clock) : IModule
    {
        public string Name => "clock";

        public void AddServices(IServiceCollection services, HostSetup setup) => services.AddSingleton(clock);

        public void AddConsumers(IBusRegistrationConfigurator bus, HostSetup setup)
        {
        }
    }
}

using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>
/// How tasks listen: one queue for everything that concerns a task, its messages one at a time per task and many tasks at once, so that
/// what is in flight together is committed together.
/// </summary>
public sealed class TaskSagaDefinition : SagaDefinition<TaskSaga>
{
    private const int Partitions = 128;
    private readonly SchedulerOptions _options;

    /// <summary>Names the endpoint.</summary>
    public TaskSagaDefinition(IOptions<SchedulerOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        EndpointName = Endpoints.Tasks;
    }

    /// <inheritdoc />
    protected override void ConfigureSaga(IReceiveEndpointConfigurator endpointConfigurator,
        ISagaConfigurator<TaskSaga> sagaConfigurator, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpointConfigurator);
        ArgumentNullException.ThrowIfNull(sagaConfigurator);
        endpointConfigurator.PrefetchCount = _options.Prefetch;
        // Parts of the system send to this endpoint by name; only what foreign clients publish is bound by type. Our own
        // acknowledgements, published, must not come back to us.
        endpointConfigurator.ConfigureConsumeTopology = false;
        BindPublished(endpointConfigurator);
        endpointConfigurator.UseA2ARetry();
        endpointConfigurator.TakeBulkFor<TaskSaga>(context);
        var partitions = endpointConfigurator.CreatePartitioner(Partitions);
        void OneAtATime<T>(Func<T, Guid> task) where T : class =>
            sagaConfigurator.Message<T>(message => message.UsePartitioner(partitions, consumed => task(consumed.Message)));

        OneAtATime<SubmitTask>(message => TaskKey.Of(message.TaskId));
        OneAtATime<ResourcesAllocated>(message => TaskKey.Of(message.TaskId));
        OneAtATime<ResourcesWaiting>(message => TaskKey.Of(message.TaskId));
        OneAtATime<ResourcesDenied>(message => TaskKey.Of(message.TaskId));
        OneAtATime<ResourcesRevoked>(message => TaskKey.Of(message.TaskId));
        OneAtATime<PreemptAttempt>(message => TaskKey.Of(message.TaskId));
        OneAtATime<TaskAccepted>(message => TaskKey.Of(message.TaskId));
        OneAtATime<TaskRejected>(message => TaskKey.Of(message.TaskId));
        OneAtATime<TaskResult>(message => TaskKey.Of(message.TaskId));
        OneAtATime<TaskCheckpoint>(message => TaskKey.Of(message.TaskId));
        OneAtATime<RequireInput>(message => TaskKey.Of(message.TaskId));
        OneAtATime<CancelTask>(message => TaskKey.Of(message.TaskId));
        OneAtATime<PauseTask>(message => TaskKey.Of(message.TaskId));
        OneAtATime<ResumeTask>(message => TaskKey.Of(message.TaskId));
        OneAtATime<HoldTask>(message => TaskKey.Of(message.TaskId));
        OneAtATime<ReleaseTask>(message => TaskKey.Of(message.TaskId));
        OneAtATime<RequeueTask>(message => TaskKey.Of(message.TaskId));
        OneAtATime<RetryTask>(message => TaskKey.Of(message.TaskId));
        OneAtATime<AmendTask>(message => TaskKey.Of(message.TaskId));
        OneAtATime<ProvideInput>(message => TaskKey.Of(message.TaskId));
        OneAtATime<ControlAcknowledged>(message => TaskKey.Of(message.TaskId));
        OneAtATime<WatchDependency>(message => TaskKey.Of(message.TaskId));
        OneAtATime<DependencySettled>(message => TaskKey.Of(message.TaskId));
        OneAtATime<AgentsFound>(message => TaskKey.Of(message.TaskId));
        OneAtATime<MemberMoved>(message => TaskKey.Of(message.TaskId));
        OneAtATime<TaskDue>(message => message.SagaId);
    }

    private static void BindPublished(IReceiveEndpointConfigurator endpoint)
    {
        switch (endpoint)
        {
            case IRabbitMqReceiveEndpointConfigurator rabbit:
                rabbit.Bind<SubmitTask>();
                rabbit.Bind<CancelTask>();
                rabbit.Bind<PauseTask>();
                rabbit.Bind<ResumeTask>();
                break;
            case IInMemoryReceiveEndpointConfigurator memory:
                memory.Bind<SubmitTask>();
                memory.Bind<CancelTask>();
                memory.Bind<PauseTask>();
                memory.Bind<ResumeTask>();
                break;
            default:
                break;
        }
    }
}

using MassTransit;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>The sweeper's wake-up: the saga's time has come. The saga itself knows what is due.</summary>
[MessageUrn("a2a:scheduler.task.due", useDefaultPrefix: false), EntityName("scheduler.task.due")]
public sealed record TaskDue
{
    /// <summary>The saga.</summary>
    public required Guid SagaId { get; init; }

    /// <summary>The store's clock; deadlines are judged by it and by no host's (G11).</summary>
    public required DateTimeOffset Now { get; init; }
}

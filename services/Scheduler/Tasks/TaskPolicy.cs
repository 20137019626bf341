using A2A.Micro.Scheduler.Distribution;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>What the verbs of the machine need besides saga and message: the clock, the knobs, the meters.</summary>
public sealed class TaskPolicy(TimeProvider clock, IOptions<SchedulerOptions> options, SchedulerMetrics metrics, OfferSeals seals, OfferGrants grants)
{
    /// <summary>Now, for stamps; deadlines are judged by the store's clock.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>The knobs.</summary>
    public SchedulerOptions Options { get; } = options.Value;

    /// <summary>Hands secrets to agents.</summary>
    public OfferSeals Seals { get; } = seals;

    /// <summary>Lets agents act for a task over HTTP.</summary>
    public OfferGrants Grants { get; } = grants;

    /// <summary>The meters.</summary>
    public SchedulerMetrics Metrics { get; } = metrics;
}

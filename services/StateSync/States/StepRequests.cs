using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.StateSync.States;

/// <summary>Asks the Scheduler to say steps again.</summary>
public sealed class StepRequests(ILane lane, StateSyncMetrics metrics, TimeProvider clock)
{
    // The clocks of two services, and the time between a decision and its arrival.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>Asks for the steps of a task between two numbers, both included; what is not there is not answered.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="from">The first one that is missing.</param>
    /// <param name="to">The last one; null: all that there are.</param>
    /// <param name="since">When the one before it came; null: it is the first one.</param>
    /// <param name="until">By when all of them had been decided.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task Ask(string taskId, long from, long? to, DateTimeOffset? since, DateTimeOffset until, CancellationToken cancellation)
    {
        metrics.StepsAsked();
        return lane.Send(
        [
            Outgoing.Command(Endpoints.Repairs, new StepsWanted
            {
                TaskId = taskId,
                From = from,
                To = to,
                Since = since - Margin,
                Until = until + Margin,
            }, clock) with { TimeToLive = TimeSpan.FromMinutes(1) },
        ], cancellation);
    }
}

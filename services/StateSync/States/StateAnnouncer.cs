using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.StateSync.States;

/// <summary>Says what a message did: notifications to the bus, counts to the meter, refusals to the log.</summary>
public sealed class StateAnnouncer(StateSyncMetrics metrics, ILogger<StateAnnouncer> log)
{
    /// <summary>
    /// Publishes one <c>state.changed</c> per version, in order. Its MessageId is made from task and version, so that a notification
    /// that goes out twice is recognised as one.
    /// </summary>
    public async Task Announce(string taskId, StateAnswer answer, IPublishEndpoint bus, CancellationToken cancellation)
    {
        foreach (var changed in answer.Announcements)
        {
            await bus.Publish(changed, context => context.MessageId = MessageIdOf(changed), cancellation)
                .ConfigureAwait(false);
        }

        foreach (var change in answer.Changes) { metrics.Changed(change.Kind); }
        foreach (var refusal in answer.Refusals)
        {
            metrics.Refused(refusal.Kind);
            if (refusal.Kind == RefusalKind.Malformed) { StateSyncLog.Malformed(log, taskId, refusal.Detail); }
            else { StateSyncLog.Refused(log, taskId, refusal.Kind, refusal.Detail); }
        }
    }

    /// <summary>The MessageId of a notification.</summary>
    public static Guid MessageIdOf(StateChanged changed) =>
        TaskKey.FromName($"state.changed\n{changed.TaskId}\n{changed.Version}");
}

using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.StateSync.Events;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.StateSync.States;

/// <summary>Says what messages did: notifications and events to the bus, counts to the meter, refusals to the log.</summary>
public sealed class StateAnnouncer : IStateAnnouncer, IAsyncDisposable
{
    // All that follows waits behind it; whoever failed says it again after the next look at the store.
    private static readonly TimeSpan PublishLimit = TimeSpan.FromSeconds(8);

    private readonly IBus _bus;
    private readonly StateSyncMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<StateAnnouncer> _log;
    private readonly EventPublisher _events;
    private readonly OutcomePublisher _outcomes;
    private readonly IStateQueries _states;
    private readonly GroupCommit<IReadOnlyList<StateChanged>, bool> _publications;

    /// <summary>Publishes on this bus; of what was said before, <paramref name="states"/> knows the words.</summary>
    public StateAnnouncer(
        IBus bus, EventPublisher events, OutcomePublisher outcomes, IStateQueries states, StateSyncMetrics metrics, TimeProvider clock,
        ILogger<StateAnnouncer> log)
    {
        (_bus, _events, _outcomes, _states, _metrics, _clock, _log) = (bus, events, outcomes, states, metrics, clock, log);
        _publications = new GroupCommit<IReadOnlyList<StateChanged>, bool>(Publish, failsTogether: static _ => true);
    }

    /// <inheritdoc />
    public async Task Announce(IReadOnlyList<(string TaskId, StateAnswer Answer)> answers, CancellationToken cancellation)
    {
        var changes = new List<StateChanged>(answers.Count);
        foreach (var (_, answer) in answers) { changes.AddRange(answer.Announcements); }
        if (changes.Count > 0)
        {
            _ = await _publications.Run(changes, cancellation).ConfigureAwait(false);
            if (_events.MayBeHeard) { await _events.Publish(await Events(answers, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false); }
            await _outcomes.Publish(answers, cancellation).ConfigureAwait(false);
            Failpoints.Hit("state.after-publish");
        }

        foreach (var (taskId, answer) in answers)
        {
            foreach (var change in answer.Changes) { _metrics.Changed(change.Kind); }
            foreach (var refusal in answer.Refusals)
            {
                _metrics.Refused(refusal.Kind);
                if (refusal.Kind == RefusalKind.Malformed) { StateSyncLog.Malformed(_log, taskId, refusal.Detail); }
                else { StateSyncLog.Refused(_log, taskId, refusal.Kind, refusal.Detail); }
            }
        }
    }

    /// <summary>The MessageId of a notification that goes alone.</summary>
    public static Guid MessageIdOf(StateChanged changed) =>
        TaskKey.FromName($"state.changed\n{changed.TaskId}\n{changed.Version}");

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _publications.DisposeAsync();

    // What is said once more was read from memory by nobody: the history has it.
    private async Task<IReadOnlyList<TaskEvent>> Events(
        IReadOnlyList<(string TaskId, StateAnswer Answer)> answers, CancellationToken cancellation)
    {
        var events = new List<TaskEvent>(answers.Count);
        foreach (var (taskId, answer) in answers)
        {
            if (answer.Document is not { } document) { continue; }
            foreach (var again in answer.Again)
            {
                var changes = await _states.History(taskId, again.Version - 1, 1, cancellation).ConfigureAwait(false);
                events.AddRange(changes.Select(change => TaskEvents.Of(change, document)));
            }

            events.AddRange(answer.Changes.Select(change => TaskEvents.Of(change, document)));
        }

        return events;
    }

    private async Task<IReadOnlyList<bool>> Publish(IReadOnlyList<IReadOnlyList<StateChanged>> parcels, CancellationToken cancellation)
    {
        StateChanged[] changes = [.. parcels.SelectMany(parcel => parcel)];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(PublishLimit);
        try
        {
            var publication = changes is [var one]
                ? _bus.Publish(one, context => context.MessageId = MessageIdOf(one), limit.Token)
                : _bus.Publish(new StatesChanged { Changes = changes },
                    context => context.MessageId = Guid.CreateVersion7(_clock.GetUtcNow()), limit.Token);
            // A publish whose connection breaks may never return, whatever its token says.
            await publication.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("the broker did not confirm a notification in time", e);
        }

        return [.. parcels.Select(_ => true)];
    }
}

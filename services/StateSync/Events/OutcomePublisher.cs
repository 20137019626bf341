using System.Collections.Concurrent;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync.States;
using MassTransit;

namespace A2A.Micro.StateSync.Events;

/// <summary>
/// Sends what a task came to to the requester that it names (requirement 13). The broker is asked to return what nobody takes: a requester without
/// a queue is then left alone for a second, so one that only reads costs a message a second and not one for each of its tasks.
/// </summary>
public sealed class OutcomePublisher(IBus bus, IStateQueries states, HostSetup setup, TimeProvider clock)
{
    /// <summary>For how long a requester without a queue is left alone.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    // What is known is a guess that costs one message when it is forgotten.
    private const int RememberedMax = 10_000;

    private static readonly Uri Address = new("exchange:task.results?type=direct");
    private static readonly TimeSpan PublishLimit = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<string, long> _deaf = new(StringComparer.Ordinal);

    /// <summary>Somebody listens from now on.</summary>
    public void Wake() => _deaf.Clear();

    /// <summary>Sends the outcome of each task that these answers ended, or say once more that it ended.</summary>
    /// <exception cref="TimeoutException">The broker did not confirm in time; whoever asks again sends again, under the same ids.</exception>
    public async Task Publish(IReadOnlyList<(string TaskId, StateAnswer Answer)> answers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(answers);
        // Within one process nobody can bind a queue.
        if (setup.Transport == TransportKind.InMemory) { return; }
        List<(string TaskId, string Requester)>? ended = null;
        foreach (var (taskId, answer) in answers)
        {
            if (answer is { Ends: true, Document.RequesterAgentId: { } requester } && !IsDeaf(requester))
            {
                (ended ??= []).Add((taskId, requester));
            }
        }

        if (ended is null) { return; }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(PublishLimit);
        try
        {
            await Task.WhenAll(ended.Select(one => Send(one.TaskId, one.Requester, limit.Token))).WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("the broker did not confirm a result in time", e);
        }
    }

    private async Task Send(string taskId, string requester, CancellationToken cancellation)
    {
        // The document of an answer may be without what is large, and above all without the result.
        if (await states.Find(taskId, cancellation).ConfigureAwait(false) is not { } document || TaskOutcome.Of(document) is not { } outcome) { return; }
        try
        {
            var endpoint = await bus.GetSendEndpoint(Address).ConfigureAwait(false);
            await endpoint.Send(outcome, context =>
            {
                context.MessageId = TaskOutcome.MessageIdOf(taskId);
                if (!context.TryGetPayload(out RabbitMqSendContext? rabbit)) { return; }
                rabbit.RoutingKey = requester;
                rabbit.Mandatory = true;
            }, cancellation).ConfigureAwait(false);
        }
        catch (MessageReturnedException)
        {
            if (_deaf.Count >= RememberedMax) { _deaf.Clear(); }
            _deaf[requester] = clock.GetTimestamp();
        }
    }

    private bool IsDeaf(string requester)
    {
        if (!_deaf.TryGetValue(requester, out var since)) { return false; }
        if (clock.GetElapsedTime(since) < Quiet) { return true; }
        _ = _deaf.TryRemove(new KeyValuePair<string, long>(requester, since));
        return false;
    }
}

using System.Collections.Concurrent;
using A2A.Micro.Contracts.States;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync.Events;

/// <summary>
/// Says every version to whoever subscribed, one message each. The broker is asked to return what nobody takes: then the topic is left
/// alone for a second, so that an installation without subscribers pays for one message a second and not for one per version.
/// </summary>
public sealed class EventPublisher(IBus bus, EventAudience audience, IOptions<EventOptions> options, HostSetup setup, StateSyncMetrics metrics,
    TimeProvider clock)
{
    /// <summary>For how long a topic without subscribers is left alone.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PublishLimit = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<string, Attention> _topics = new(StringComparer.Ordinal);
    private readonly bool _never = options.Value.Publish == "never";
    private readonly bool _always = options.Value.Publish == "always";

    /// <summary>Whether it is worth the while to make events at all.</summary>
    public bool MayBeHeard
    {
        get
        {
            if (_never || _always) { return _always; }
            if (setup.Transport == TransportKind.InMemory) { return audience.IsHere; }
            var now = clock.GetTimestamp();
            return _topics.IsEmpty || options.Value.AllTopics().Any(topic => !IsQuiet(topic, now));
        }
    }

    /// <summary>Somebody listens from now on.</summary>
    public void Wake() => _topics.Clear();

    /// <summary>Publishes each to its topic; returns when the broker has those that somebody takes.</summary>
    /// <exception cref="TimeoutException">The broker did not confirm in time; whoever asks again publishes again, under the same ids.</exception>
    public async Task Publish(IReadOnlyList<TaskEvent> events, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(events);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(PublishLimit);
        try
        {
            await Task.WhenAll(events.GroupBy(one => options.Value.TopicOf(TaskEventName.FromType(one.Type)))
                .Select(topic => Publish(topic.Key, [.. topic], limit.Token))).WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("the broker did not confirm an event in time", e);
        }
    }

    private async Task Publish(string topic, IReadOnlyList<TaskEvent> events, CancellationToken cancellation)
    {
        if (IsQuiet(topic, clock.GetTimestamp())) { return; }
        var endpoint = await bus.GetSendEndpoint(new Uri("exchange:" + topic)).ConfigureAwait(false);
        // Where nobody was heard of yet, the first one finds out for all.
        var sent = 0;
        if (!_topics.ContainsKey(topic))
        {
            if (!await Send(endpoint, topic, events[sent++], cancellation).ConfigureAwait(false)) { return; }
            _ = _topics.TryAdd(topic, Attention.Heard);
        }

        _ = await Task.WhenAll(events.Skip(sent).Select(one => Send(endpoint, topic, one, cancellation))).ConfigureAwait(false);
    }

    private async Task<bool> Send(ISendEndpoint endpoint, string topic, TaskEvent said, CancellationToken cancellation)
    {
        try
        {
            await endpoint.Send(said, context =>
            {
                context.MessageId = Guid.ParseExact(said.Id["evt_".Length..], "n");
                if (!_always && context.TryGetPayload(out RabbitMqSendContext? rabbit)) { rabbit.Mandatory = true; }
            }, cancellation).ConfigureAwait(false);
            metrics.EventPublished(topic);
            return true;
        }
        catch (MessageReturnedException)
        {
            _topics[topic] = new Attention(clock.GetTimestamp());
            return false;
        }
    }

    private bool IsQuiet(string topic, long now)
    {
        if (!_topics.TryGetValue(topic, out var attention) || attention.ReturnedAt is not { } at) { return false; }
        if (clock.GetElapsedTime(at, now) < Quiet) { return true; }
        // Over: the next event finds out again.
        _ = _topics.TryRemove(new KeyValuePair<string, Attention>(topic, attention));
        return false;
    }

    // Null: the last one was taken.
    private sealed record Attention(long? ReturnedAt)
    {
        public static readonly Attention Heard = new((long?)null);
    }
}

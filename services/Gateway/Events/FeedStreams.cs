using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Events;

/// <summary>
/// Streams over many tasks (conventions C7): first the tasks as they are, then each task whenever it has changed. The id of an event is its place among
/// all changes, good at every Gateway; who comes back with one gets what changed since, and perhaps once more what changed shortly before.
/// </summary>
public sealed class FeedStreams(
    TaskFeed feed, TenantStates states, GatewayMetrics metrics, TimeProvider clock, IOptions<GatewayOptions> options, IHostApplicationLifetime lifetime)
{
    // More than this since the last visit is not told change by change: the reader begins anew.
    private const int CatchUpMax = 1000;
    private const int PageSize = 200;

    private TimeSpan Overlap => feed.Overlap;

    private long Now => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>A stream.</summary>
    /// <param name="filter">What it is about.</param>
    /// <param name="seen">The place that the reader has; null: none; -1: something that cannot be one.</param>
    public IResult Open(EventFilter filter, long? seen) => new Stream(this, filter, seen);

    private async Task Run(HttpContext http, EventFilter filter, long? seen)
    {
        var cancellation = http.RequestAborted;
        using var reader = feed.Read(filter);
        metrics.CountStream(1);
        try
        {
            var frames = await EventFrames.Begin(http, clock).ConfigureAwait(false);
            var talk = new Talk(frames, filter, seen ?? 0);
            await talk.Begin(this, isNew: seen is null, cancellation).ConfigureAwait(false);
            while (!lifetime.ApplicationStopping.IsCancellationRequested)
            {
                if (reader.Take() is { } changed) { await talk.Say(changed, cancellation).ConfigureAwait(false); }
                else { await talk.Begin(this, isNew: false, cancellation).ConfigureAwait(false); }
                var silence = options.Value.Heartbeat - frames.Silence;
                if (silence > TimeSpan.Zero)
                {
                    await reader.Wait(silence, clock, lifetime.ApplicationStopping, cancellation).ConfigureAwait(false);
                }

                if (frames.Silence >= options.Value.Heartbeat) { await frames.Beat(cancellation).ConfigureAwait(false); }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The reader has left.
        }
        catch (Exception e) when (e is ProtocolException or System.Data.Common.DbException or TimeoutException)
        {
            // StateSync or its database is away: the stream ends and the reader comes again with its place.
        }
        finally
        {
            metrics.CountStream(-1);
        }
    }

    // The latest of what is meant, the newest first, at most so many; and whether there are more.
    private async Task<(List<FeedEvent> Found, bool More)> Latest(
        EventFilter filter, DateTimeOffset? since, int limit, CancellationToken cancellation)
    {
        var (found, more) = (new List<FeedEvent>(), false);
        foreach (var list in filter.Lists())
        {
            var (after, taken) = ((TaskCursor?)null, 0);
            do
            {
                var page = await states.List(
                    list with { UpdatedAfter = since, After = after, Limit = Math.Clamp(limit - taken, 1, PageSize) }, cancellation)
                    .ConfigureAwait(false);
                found.AddRange(page.Tasks.Select(head => new FeedEvent(head)));
                taken += page.Tasks.Count;
                after = page.Next;
            }
            while (after is not null && taken < limit);
            more |= after is not null;
        }

        found.Sort((one, other) => other.Place.CompareTo(one.Place));
        more |= found.Count > limit;
        return (found.Count > limit ? found[..limit] : found, more);
    }

    // One stream: what it has said, and where it is.
    private sealed class Talk(EventFrames frames, EventFilter filter, long place)
    {
        private readonly Dictionary<string, long> _listed = new(StringComparer.Ordinal);
        private long _place = place;

        public async Task Begin(FeedStreams streams, bool isNew, CancellationToken cancellation)
        {
            if (!isNew && _place > 0)
            {
                var (found, more) = await streams.Latest(filter, Since(streams), CatchUpMax, cancellation).ConfigureAwait(false);
                if (!more)
                {
                    await List(found, cancellation).ConfigureAwait(false);
                    return;
                }
            }

            var now = streams.Now;
            _place = 0;
            if (!isNew) { await frames.Say("reset", 0, new FeedReady { Tasks = 0, More = false }, cancellation).ConfigureAwait(false); }
            var (first, isPart) = filter.Snapshot == 0
                ? ([], true)
                : await streams.Latest(filter, null, filter.Snapshot, cancellation).ConfigureAwait(false);
            await List(first, cancellation).ConfigureAwait(false);
            if (_place == 0) { _place = now; }
            await frames.Say("ready", _place, new FeedReady { Tasks = first.Count, More = isPart }, cancellation).ConfigureAwait(false);
        }

        // What the list had already is not said again, nor is anything older than it.
        public Task Say(IReadOnlyList<FeedEvent> changed, CancellationToken cancellation)
        {
            FeedEvent[] news = [.. changed.Where(one => one.Head.Version > _listed.GetValueOrDefault(one.Head.TaskId))];
            foreach (var one in news) { _ = _listed.Remove(one.Head.TaskId); }
            return Write(news, cancellation);
        }

        private async Task List(List<FeedEvent> newestFirst, CancellationToken cancellation)
        {
            newestFirst.Reverse();
            _listed.Clear();
            foreach (var one in newestFirst) { _listed[one.Head.TaskId] = one.Head.Version; }
            await Write(newestFirst, cancellation).ConfigureAwait(false);
        }

        private Task Write(IReadOnlyList<FeedEvent> events, CancellationToken cancellation)
        {
            if (events.Count == 0) { return Task.CompletedTask; }
            return frames.Say(events.Select(one => (_place = Math.Max(_place, one.Place), one.Frame)), cancellation);
        }

        private DateTimeOffset? Since(FeedStreams streams)
        {
            var at = DateTimeOffset.UnixEpoch.AddTicks(Math.Min(_place, PlaceMax) * TimeSpan.TicksPerMicrosecond);
            return at - streams.Overlap;
        }

        // 9999-12-31.
        private const long PlaceMax = 253_402_214_400_000_000;
    }

    private sealed class Stream(FeedStreams streams, EventFilter filter, long? seen) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => streams.Run(httpContext, filter, seen);
    }
}

/// <summary>The end of what a stream begins with: what follows are changes.</summary>
public sealed record FeedReady
{
    /// <summary>How many tasks were said.</summary>
    public required int Tasks { get; init; }

    /// <summary>There are more; <c>GET /v1/tasks</c> has all of them.</summary>
    public required bool More { get; init; }
}

using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Events;

/// <summary>
/// Event streams (conventions C7). What a stream says comes from the history, by version; a notification only says when to look, so
/// that nothing is repeated, skipped or out of order, whatever happens to notifications.
/// </summary>
public sealed class TaskStreams(
    StateReader states,
    TenantStates history,
    Watchers watchers,
    GatewayMetrics metrics,
    TimeProvider clock,
    IOptions<GatewayOptions> options,
    IHostApplicationLifetime lifetime)
{
    private const int PageSize = 100;

    /// <summary>A stream of one task.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="seen">The version that the reader has; null: nothing yet; -1: something that cannot be one.</param>
    public IResult Open(string taskId, long? seen) => new Stream(this, taskId, seen);

    private async Task Run(HttpContext http, string taskId, long? seen)
    {
        var cancellation = http.RequestAborted;
        using var watcher = watchers.Watch(Tenancy.In(taskId));
        metrics.CountStream(1);
        try
        {
            var frames = await EventFrames.Begin(http, clock).ConfigureAwait(false);
            var (version, ended) = seen is >= 0 and { } known && await Joins(taskId, known, cancellation).ConfigureAwait(false)
                ? (known, false)
                : await SayAll(frames, taskId, seen is null ? "task" : "reset", cancellation).ConfigureAwait(false);
            while (!ended && !lifetime.ApplicationStopping.IsCancellationRequested)
            {
                (version, ended) = await SayNew(frames, taskId, version, cancellation).ConfigureAwait(false);
                if (!ended) { await Rest(watcher, frames, version, cancellation).ConfigureAwait(false); }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The reader has left.
        }
        finally
        {
            metrics.CountStream(-1);
        }
    }

    // Can the reader's version be continued? A gap behind it is found where the changes are said.
    private async Task<bool> Joins(string taskId, long seen, CancellationToken cancellation)
    {
        try
        {
            var next = await history.History(taskId, seen, 1, cancellation).ConfigureAwait(false);
            return next.Count > 0 || (await states.Find(taskId, cancellation).ConfigureAwait(false) is { } now && now.Document.Version == seen);
        }
        catch (ProtocolException)
        {
            return true; // what follows cannot be read now; it is tried again below
        }
    }

    private async Task<(long Version, bool Ended)> SayAll(EventFrames frames, string taskId, string name, CancellationToken cancellation)
    {
        // It was found a moment ago; should it be gone or unreadable now, the stream ends and the reader comes again.
        Reading? reading;
        try { reading = await states.Find(taskId, cancellation).ConfigureAwait(false); }
        catch (ProtocolException) { reading = null; }
        if (reading is null) { return (0, true); }
        await frames.Say(name, reading.Document.Version, TaskViews.Of(reading), cancellation).ConfigureAwait(false);
        return (reading.Document.Version, reading.Document.State.IsTerminal());
    }

    private async Task<(long Version, bool Ended)> SayNew(
        EventFrames frames, string taskId, long version, CancellationToken cancellation)
    {
        while (true)
        {
            IReadOnlyList<TaskChange> page;
            try { page = await history.History(taskId, version, PageSize, cancellation).ConfigureAwait(false); }
            catch (ProtocolException) { return (version, false); } // tried again after a rest
            foreach (var change in page)
            {
                if (change.Version != version + 1)
                {
                    return await SayAll(frames, taskId, "reset", cancellation).ConfigureAwait(false);
                }

                await frames.Say("change", change.Version, change, cancellation).ConfigureAwait(false);
                version = change.Version;
            }

            if (page.Count == PageSize) { continue; }
            return (version, page.Count > 0 && page[^1].State.IsTerminal());
        }
    }

    private async Task Rest(Watcher watcher, EventFrames frames, long version, CancellationToken cancellation)
    {
        var silence = options.Value.Heartbeat - frames.Silence;
        var pause = silence < options.Value.StreamReread ? silence : options.Value.StreamReread;
        if (pause > TimeSpan.Zero)
        {
            await watcher.Wait(version, pause, clock, lifetime.ApplicationStopping, cancellation).ConfigureAwait(false);
        }

        if (frames.Silence >= options.Value.Heartbeat) { await frames.Beat(cancellation).ConfigureAwait(false); }
    }

    private sealed class Stream(TaskStreams streams, string taskId, long? seen) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => streams.Run(httpContext, taskId, seen);
    }
}

using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Security.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Events;

/// <summary>
/// What changes in all tasks, for the streams that are about many. While nobody reads it costs nothing. A notification names a task, the task is read
/// once for all readers, together with others that changed meanwhile, and each reader is offered it; a task that changed several times in between is
/// offered as it is now. Notifications that were lost are found by looking at what changed last.
/// </summary>
public sealed class TaskFeed(
    IServiceProvider services, Watchers watchers, GatewayMetrics metrics, TimeProvider clock, IOptions<GatewayOptions> options, ILogger<TaskFeed> log)
    : BackgroundService
{
    // Heads of documents: one or two KiB each.
    private const int TogetherMax = 100;
    private const int RememberedMax = 20_000;
    private const int SweptMax = 5000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _dirty = new(StringComparer.Ordinal);
    private readonly List<FeedReader> _readers = [];
    private Dictionary<string, long> _said = new(StringComparer.Ordinal);
    private Dictionary<string, long> _saidBefore = new(StringComparer.Ordinal);
    private TaskCompletionSource _bell = NewBell();
    private DateTimeOffset _sweptUntil;

    /// <summary>
    /// How far back whoever comes again looks behind the place where it was: a change may become visible later than one that was made after it, and
    /// a lost notification is found with the next sweep only.
    /// </summary>
    public TimeSpan Overlap => (options.Value.StreamReread * 2) + TimeSpan.FromSeconds(5);

    /// <summary>Begins to read; ends with the reader's disposal. Begin before the first look at the list, so that nothing falls between.</summary>
    /// <exception cref="ProtocolException">There are as many streams as this process may have.</exception>
    public FeedReader Read(EventFilter filter)
    {
        var reader = new FeedReader(filter, watchers.Watch("*"), options.Value.StreamBufferMax, metrics, Leave);
        lock (_gate)
        {
            if (_readers.Count == 0) { _sweptUntil = clock.GetUtcNow(); }
            _readers.Add(reader);
        }

        return reader;
    }

    /// <summary>A task has a new version.</summary>
    public void Tell(StateChanged changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        lock (_gate)
        {
            if (_readers.Count == 0) { return; }
            _dirty[changed.TaskId] = Math.Max(changed.Version, _dirty.GetValueOrDefault(changed.TaskId));
            _ = _bell.TrySetResult();
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await Round(stoppingToken).ConfigureAwait(false)) { await Rest(stoppingToken).ConfigureAwait(false); }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // StateSync or its database is away; what changed is kept and read when it is back, and the feed ends with its process only
            catch (Exception e)
#pragma warning restore CA1031
            {
                FeedLog.NotRead(log, e);
                await Task.Delay(options.Value.WaitReread, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static TaskCompletionSource NewBell() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // True when there may be more to do at once.
    private async Task<bool> Round(CancellationToken cancellation)
    {
        var queries = services.GetRequiredService<IStateQueries>();
        string[] asked;
        lock (_gate) { asked = [.. _dirty.Keys.Take(TogetherMax)]; }
        if (asked.Length > 0)
        {
            var wanted = Versions(asked);
            foreach (var ofOne in asked.GroupBy(TenantNames.TenantOf, StringComparer.Ordinal))
            {
                foreach (var head in await Heads(queries, ofOne.Key, [.. ofOne], cancellation).ConfigureAwait(false)) { Offer(head); }
            }

            Settle(wanted);
            return true;
        }

        await Sweep(queries, cancellation).ConfigureAwait(false);
        return false;
    }

    private Dictionary<string, long> Versions(string[] taskIds)
    {
        lock (_gate) { return taskIds.ToDictionary(id => id, id => _dirty.GetValueOrDefault(id), StringComparer.Ordinal); }
    }

    // What was heard of while the tasks were read stays; a version that is not visible yet is found by the sweep.
    private void Settle(Dictionary<string, long> read)
    {
        lock (_gate)
        {
            foreach (var (taskId, version) in read) { if (_dirty.GetValueOrDefault(taskId) == version) { _ = _dirty.Remove(taskId); } }
        }
    }

    // Each part of the work is done in the name of its own tenant.
    private static async Task<IReadOnlyList<TaskDocument>> Heads(
        IStateQueries queries, string tenant, IReadOnlyList<string> taskIds, CancellationToken cancellation)
    {
        new Caller("feed", tenant, Scopes.StateWatch).Enter();
        return await queries.Heads(taskIds, cancellation).ConfigureAwait(false);
    }

    private async Task Sweep(IStateQueries queries, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset since;
        string[] tenants;
        lock (_gate)
        {
            if (_readers.Count == 0 || now - _sweptUntil < options.Value.StreamReread) { return; }
            since = _sweptUntil - TimeSpan.FromSeconds(5);
            tenants = [.. _readers.Select(reader => reader.Tenant).Distinct(StringComparer.Ordinal)];
        }

        foreach (var tenant in tenants) { await Sweep(queries, tenant, since, cancellation).ConfigureAwait(false); }
        lock (_gate) { _sweptUntil = now; }
    }

    private async Task Sweep(IStateQueries queries, string tenant, DateTimeOffset since, CancellationToken cancellation)
    {
        new Caller("feed", tenant, Scopes.StateWatch).Enter();
        var (changed, after) = (new List<TaskDocument>(), (TaskCursor?)null);
        do
        {
            var page = await queries.List(new TaskFilter { Tenant = tenant, UpdatedAfter = since, After = after, Limit = 200 }, cancellation)
                .ConfigureAwait(false);
            changed.AddRange(page.Tasks);
            after = page.Next;
        }
        while (after is not null && changed.Count < SweptMax);
        for (var i = changed.Count - 1; i >= 0; i--) { Offer(changed[i]); }
    }

    private void Offer(TaskDocument head)
    {
        var last = Math.Max(_said.GetValueOrDefault(head.TaskId), _saidBefore.GetValueOrDefault(head.TaskId));
        if (head.Version <= last) { return; }
        if (_said.Count >= RememberedMax) { (_saidBefore, _said) = (_said, new Dictionary<string, long>(StringComparer.Ordinal)); }
        _said[head.TaskId] = head.Version;
        var (tenant, said) = (TenantNames.TenantOf(head.TaskId), new FeedEvent(TenantStates.Out(head)));
        FeedReader[] readers;
        lock (_gate) { readers = [.. _readers]; }
        foreach (var reader in readers.Where(reader => reader.Tenant == tenant && reader.Filter.Covers(said.Head))) { reader.Offer(said); }
    }

    private async Task Rest(CancellationToken cancellation)
    {
        TaskCompletionSource bell;
        lock (_gate)
        {
            if (_bell.Task.IsCompleted) { _bell = NewBell(); }
            if (_dirty.Count > 0) { return; }
            bell = _bell;
        }

        try { await bell.Task.WaitAsync(options.Value.StreamReread, clock, cancellation).ConfigureAwait(false); }
        catch (TimeoutException) { /* looks by itself */ }
    }

    private void Leave(FeedReader reader)
    {
        lock (_gate)
        {
            _ = _readers.Remove(reader);
            if (_readers.Count == 0) { _dirty.Clear(); }
        }
    }
}

internal static partial class FeedLog
{
    [LoggerMessage(3040, LogLevel.Warning, "What changed could not be read for the streams over many tasks; it is tried again")]
    public static partial void NotRead(ILogger log, Exception exception);
}

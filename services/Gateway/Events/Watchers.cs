using System.Runtime.InteropServices;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Security;
using A2A.Micro.Security.Identity;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Events;

/// <summary>
/// Who wants to know about which task, inside this process. A watcher remembers only the highest version it was told of: a slow one
/// loses nothing but wake-ups, because it reads by version, and holds no memory beyond itself.
/// </summary>
public sealed class Watchers(IOptions<GatewayOptions> options, IOptions<SecurityOptions> security)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Watcher>> _byTask = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ofTenant = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Begins to watch a task; ends with the watcher's disposal. Begin before the first read, so that nothing falls between.</summary>
    /// <exception cref="ProtocolException">There are as many as this process may have.</exception>
    public Watcher Watch(string taskId) =>
        TryWatch(taskId) ?? throw new ProtocolException(
            ErrorKind.RateLimited, "Too many streams and waiting calls are open here; try again later.");

    /// <summary>The same; null when there are as many as this process may have.</summary>
    public Watcher? TryWatch(string taskId)
    {
        lock (_gate)
        {
            var caller = Caller.Current;
            var ofTenant = _ofTenant.GetValueOrDefault(caller.Tenant);
            // In a host that is open, and for what the process does by itself, there are no tenants that could crowd each other out.
            if (_count >= options.Value.WatchersMax || (!caller.IsAnonymous && ofTenant >= security.Value.WatchersPerTenantMax)) { return null; }
            var watcher = new Watcher(taskId, Leave) { Tenant = caller.Tenant };
            _ofTenant[caller.Tenant] = ofTenant + 1;
            if (!_byTask.TryGetValue(taskId, out var others)) { _byTask[taskId] = others = []; }
            others.Add(watcher);
            _count++;
            return watcher;
        }
    }

    /// <summary>The document of a task has this version now.</summary>
    /// <param name="changed">The notification.</param>
    /// <param name="document">The document, if it came with it.</param>
    public void Tell(StateChanged changed, TaskDocument? document = null)
    {
        ArgumentNullException.ThrowIfNull(changed);
        Tell(changed.TaskId, changed.Version, changed.State.IsTerminal(), document);
    }

    /// <summary>What is watched under this name has this version now.</summary>
    public void Tell(string name, long version, bool ended = false, TaskDocument? document = null)
    {
        lock (_gate)
        {
            if (!_byTask.TryGetValue(name, out var watchers)) { return; }
            foreach (var watcher in watchers) { watcher.Hear(version, ended, document); }
        }
    }

    private void Leave(Watcher watcher)
    {
        lock (_gate)
        {
            if (!_byTask.TryGetValue(watcher.TaskId, out var others) || !others.Remove(watcher)) { return; }
            if (others.Count == 0) { _ = _byTask.Remove(watcher.TaskId); }
            _count--;
            if (--CollectionsMarshal.GetValueRefOrAddDefault(_ofTenant, watcher.Tenant, out _) <= 0) { _ = _ofTenant.Remove(watcher.Tenant); }
        }
    }
}

/// <summary>One stream or waiting call.</summary>
public sealed class Watcher : IDisposable
{
    private readonly Action<Watcher> _leave;
    private readonly Lock _gate = new();
    private TaskCompletionSource? _sleeper;
    private long _heard = -1;
    private bool _ended;
    private bool _wantsEnd;

    internal Watcher(string taskId, Action<Watcher> leave) => (TaskId, _leave) = (taskId, leave);

    /// <summary>What is watched.</summary>
    public string TaskId { get; }

    internal string Tenant { get; init; } = "";

    /// <summary>
    /// Returns when a version after <paramref name="seen"/> was heard of, when the pause is over, or when the process ends; which of
    /// them it was does not matter, the caller reads.
    /// </summary>
    public Task Wait(long seen, TimeSpan pause, TimeProvider clock, CancellationToken stopping, CancellationToken cancellation)
    {
        TaskCompletionSource sleeper;
        lock (_gate)
        {
            if (_heard > seen) { return Task.CompletedTask; }
            _wantsEnd = false;
            _sleeper = sleeper = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return Sleep(sleeper, pause, clock, stopping, cancellation);
    }

    /// <summary>The same for the end of the task: what happens before it wakes nobody.</summary>
    public Task WaitForEnd(TimeSpan pause, TimeProvider clock, CancellationToken stopping, CancellationToken cancellation)
    {
        TaskCompletionSource sleeper;
        lock (_gate)
        {
            if (_ended) { return Task.CompletedTask; }
            _wantsEnd = true;
            _sleeper = sleeper = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return Sleep(sleeper, pause, clock, stopping, cancellation);
    }

    /// <inheritdoc />
    public void Dispose() => _leave(this);

    /// <summary>The document of the end, if it came with the news of it.</summary>
    public TaskDocument? Ending { get; private set; }

    internal void Hear(long version, bool ended, TaskDocument? document = null)
    {
        lock (_gate)
        {
            if (version <= _heard) { return; }
            _heard = version;
            _ended |= ended;
            Ending = document;
            if (_ended || !_wantsEnd) { _ = _sleeper?.TrySetResult(); }
        }
    }

    private static async Task Sleep(
        TaskCompletionSource sleeper, TimeSpan pause, TimeProvider clock, CancellationToken stopping, CancellationToken cancellation)
    {
        await using var stop = stopping
            .UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), sleeper).ConfigureAwait(false);
        try
        {
            await sleeper.Task.WaitAsync(pause, clock, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Looks again by itself: a notification may have been lost.
        }
    }
}

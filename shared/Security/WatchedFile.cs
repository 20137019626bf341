namespace A2A.Micro.Security;

/// <summary>
/// What a file says, read again when it has changed. A change is seen within a second; a file that cannot be read any more leaves what was known,
/// so that a half-written one never takes a service down. Safe from several threads.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="read">Reads it; throws <see cref="SecurityBreachException"/> when it is not as it should be.</param>
/// <param name="clock">Decides when to look again.</param>
public sealed class WatchedFile<T>(string path, Func<string, T> read, TimeProvider clock) where T : class
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private T? _value;
    private DateTime _stamp;
    private long _lookedAt;

    /// <summary>Why the last look brought nothing new; null when all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads it now, so that what it said at the start is known should it be half written when it is wanted first.</summary>
    /// <exception cref="SecurityBreachException">It is not as it should be.</exception>
    public WatchedFile<T> Opened()
    {
        _ = Fresh();
        return this;
    }

    /// <summary>What it says.</summary>
    /// <exception cref="SecurityBreachException">It could not be read even once.</exception>
    public T Value
    {
        get
        {
            if (_value is { } known && clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) < Rest) { return known; }
            lock (_gate) { return Look(Rest); }
        }
    }

    /// <summary>What it says now: for whoever was shown something that the file did not know a moment ago.</summary>
    public T Fresh()
    {
        lock (_gate) { return Look(TimeSpan.Zero); }
    }

    private T Look(TimeSpan rest)
    {
        if (_value is { } known && clock.GetElapsedTime(_lookedAt) < rest) { return known; }
        var stamp = File.GetLastWriteTimeUtc(path);
        if (_value is { } same && stamp == _stamp)
        {
            Volatile.Write(ref _lookedAt, clock.GetTimestamp());
            return same;
        }

        try
        {
            _value = read(path);
            (_stamp, Problem) = (stamp, null);
        }
        catch (SecurityBreachException e) when (_value is not null)
        {
            Problem = e.Message;
        }

        Volatile.Write(ref _lookedAt, clock.GetTimestamp());
        return _value;
    }
}

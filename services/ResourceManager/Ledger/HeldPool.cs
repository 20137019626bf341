namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// The whole pool as the last round left it, with what it takes to go on from there: the versions of the rows. It is a guess, because other
/// instances may work on the same pool; the round that is decided on it says so to the database, which refuses it if it was wrong. Attempts
/// that are over are remembered for a while only; the database knows them all.
/// </summary>
internal sealed class HeldPool
{
    // A late or repeated release mostly comes within seconds.
    private const int ClosedMax = 20_000;

    private static readonly TimeSpan ClockSet = TimeSpan.FromSeconds(5);

    private readonly Queue<AttemptKey> _closed = new();
    private readonly Dictionary<string, long> _rowVersions;
    private readonly HashSet<AttemptKey> _stored;
    private TimeSpan _ahead;

    /// <param name="read">Everything that is held and that waits, as it was read.</param>
    /// <param name="version">The number of the last round.</param>
    /// <param name="own">This process's clock at the time of the reading.</param>
    public HeldPool(PoolRead read, long version, DateTimeOffset own)
    {
        (Pool, Version, _ahead) = (read.Pool, version, read.Now - own);
        (_rowVersions, _stored) = (new(read.RowVersions, StringComparer.Ordinal), [.. read.Stored]);
    }

    /// <summary>The pool.</summary>
    public Pool Pool { get; }

    /// <summary>The number of the round that left it so.</summary>
    public long Version { get; private set; }

    /// <summary>What is known before a round.</summary>
    /// <param name="own">This process's clock; the database's is reckoned from it.</param>
    public PoolRead Read(DateTimeOffset own) => new(Pool, own + _ahead, _rowVersions, _stored, Pool.Line.Count, []);

    /// <summary>Whether all that the operations are about is here: a release of something unknown may be a repeat, or come before its claim.</summary>
    public bool Knows(IEnumerable<PoolOperation> operations)
    {
        var claimed = new HashSet<AttemptKey>();
        foreach (var operation in operations)
        {
            if (operation is PoolOperation.ClaimRoom claim) { _ = claimed.Add(claim.Wish.Attempt); }
            if (operation is PoolOperation.RevokeRoom revoke && !IsKnown(revoke.Attempt)) { return false; }
            if (operation is PoolOperation.ReleaseRoom release && !claimed.Contains(release.Attempt) && !IsKnown(release.Attempt)) { return false; }
        }

        return true;
    }

    /// <summary>The attempts that the operations take for new; the database must know neither them nor any later one of their tasks.</summary>
    public IReadOnlyList<AttemptKey> New(IEnumerable<PoolOperation> operations) =>
    [
        .. operations.OfType<PoolOperation.ClaimRoom>().Select(claim => claim.Wish.Attempt).Where(attempt => !IsKnown(attempt)).Distinct(),
    ];

    /// <summary>The round was committed.</summary>
    public void Written(PoolChanges changes, DateTimeOffset now, DateTimeOffset own)
    {
        Version++;
        // Each reading is too large by what lay between the two clocks' words: the smallest is the best, until one of the clocks is set.
        var ahead = now - own;
        if (ahead < _ahead || ahead > _ahead + ClockSet) { _ahead = ahead; }
        foreach (var agent in changes.Agents) { _rowVersions[agent] = _rowVersions.GetValueOrDefault(agent) + 1; }
        foreach (var attempt in changes.Reservations)
        {
            _ = _stored.Add(attempt);
            if (!Pool.Reservations[attempt].Active) { _closed.Enqueue(attempt); }
        }

        while (_closed.Count > ClosedMax && _closed.TryDequeue(out var oldest))
        {
            Pool.Forget(oldest);
            _ = _stored.Remove(oldest);
        }
    }

    private bool IsKnown(AttemptKey attempt) => Pool.Reservations.ContainsKey(attempt) || Pool.Line.Has(attempt);
}

using System.Collections.Concurrent;

namespace A2A.Micro.Gateway.Limits;

/// <summary>One bucket per name, in this process, for a bounded number of names: who comes when all places are taken by busy ones shares one.</summary>
/// <param name="policy">What everyone gets; null: as much as it wants.</param>
/// <param name="shared">The name of those who share.</param>
/// <param name="clock">Tells the time.</param>
public sealed class Buckets<TName>(Bucket? policy, TName shared, TimeProvider clock) where TName : notnull
{
    private const int NamesMax = 10_000;
    private readonly ConcurrentDictionary<TName, Level> _levels = new();

    /// <summary>What everyone gets.</summary>
    public Bucket? Policy => policy;

    /// <summary>Takes one out.</summary>
    public BucketAnswer Take(TName name) =>
        policy is { } bucket ? LevelOf(name).Take(bucket, Now()) : new BucketAnswer(true, 0, int.MaxValue, 0);

    /// <summary>Whether one could be taken out.</summary>
    public bool HasRoom(TName name) =>
        policy is not { } bucket || !_levels.TryGetValue(name, out var level) || level.HasRoom(bucket, Now());

    private Level LevelOf(TName name)
    {
        if (_levels.TryGetValue(name, out var level)) { return level; }
        if (_levels.Count >= NamesMax) { Forget(); }
        return _levels.GetOrAdd(_levels.Count >= NamesMax ? shared : name, static _ => new Level());
    }

    private double Now() => clock.GetTimestamp() / (double)clock.TimestampFrequency;

    // A full bucket remembers nothing.
    private void Forget()
    {
        var now = Now();
        foreach (var (name, level) in _levels)
        {
            if (level.IsFull(now)) { _ = _levels.TryRemove(name, out _); }
        }
    }

    private sealed class Level
    {
        private double _fullAt;

        public bool IsFull(double now) => Volatile.Read(ref _fullAt) <= now;

        public bool HasRoom(Bucket bucket, double now) => bucket.Take(Volatile.Read(ref _fullAt), now).IsAllowed;

        public BucketAnswer Take(Bucket bucket, double now)
        {
            while (true)
            {
                var seen = Volatile.Read(ref _fullAt);
                var answer = bucket.Take(seen, now);
                if (!answer.IsAllowed || Interlocked.CompareExchange(ref _fullAt, answer.FullAt, seen).Equals(seen)) { return answer; }
            }
        }
    }
}

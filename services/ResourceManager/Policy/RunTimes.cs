using System.Collections.Concurrent;

namespace A2A.Micro.ResourceManager.Policy;

/// <summary>
/// How long work of each type holds its room, as far as this process has seen: one histogram per type, whose buckets are a fifth wider than the
/// one before, and in which what is old counts half each time that it is full. Only whether somebody may pass rests on it, never what is held,
/// so each instance may have its own and a new one begins with nothing. Safe for many threads.
/// </summary>
public sealed class RunTimes
{
    /// <summary>Runs of a type that must be known before anything is said about it.</summary>
    public const int Enough = 10;

    private const int Full = 1000;
    private const int TypesMax = 10_000;
    private const int Buckets = 132;
    private const double PerDoubling = 4;
    private readonly ConcurrentDictionary<string, Histogram> _types = new(StringComparer.Ordinal);

    /// <summary>One run ended.</summary>
    public void Add(string taskType, TimeSpan took)
    {
        if (_types.Count >= TypesMax && !_types.ContainsKey(taskType)) { return; }
        _types.GetOrAdd(taskType, _ => new Histogram()).Add(took);
    }

    /// <summary>Nine of ten runs take no longer; at most a fifth too long, never too short; null while too few are known.</summary>
    public TimeSpan? P90(string? taskType) =>
        taskType is not null && _types.TryGetValue(taskType, out var known) ? known.P90() : null;

    private static int BucketOf(TimeSpan took) =>
        took.TotalMilliseconds <= 1 ? 0 : Math.Min(Buckets - 1, (int)Math.Ceiling(Math.Log2(took.TotalMilliseconds) * PerDoubling));

    private sealed class Histogram
    {
        private readonly int[] _counts = new int[Buckets];
        private readonly Lock _lock = new();
        private int _total;

        public void Add(TimeSpan took)
        {
            lock (_lock)
            {
                _counts[BucketOf(took)]++;
                if (++_total < Full) { return; }
                _total = 0;
                for (var i = 0; i < Buckets; i++) { _total += _counts[i] /= 2; }
            }
        }

        public TimeSpan? P90()
        {
            lock (_lock)
            {
                if (_total < Enough) { return null; }
                var (seen, at) = (0, 0);
                while ((seen += _counts[at]) * 10L < _total * 9L) { at++; }
                return TimeSpan.FromMilliseconds(Math.Pow(2, at / PerDoubling) * 1.000001);
            }
        }
    }
}

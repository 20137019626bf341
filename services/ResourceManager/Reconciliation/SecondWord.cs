namespace A2A.Micro.ResourceManager.Reconciliation;

/// <summary>
/// Remembers what was said against something, until it is contradicted. It is proven when a later word says the same: results and news may have
/// crossed the first one.
/// </summary>
public sealed class SecondWord<T>
    where T : notnull
{
    private Dictionary<T, DateTimeOffset> _first = [];

    /// <summary>Those that an earlier look had found by an earlier word.</summary>
    /// <param name="found">What is found now, and when it was said.</param>
    public IReadOnlyList<T> Proven(IReadOnlyDictionary<T, DateTimeOffset> found)
    {
        ArgumentNullException.ThrowIfNull(found);
        List<T> proven = [.. found.Where(one => _first.TryGetValue(one.Key, out var before) && before < one.Value).Select(one => one.Key)];
        _first = found.ToDictionary(one => one.Key, one => _first.GetValueOrDefault(one.Key, one.Value));
        return proven;
    }
}

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// The claims that wait, in the order of their <see cref="LineKey"/>. A claim that cannot be placed does not block claims of another
/// class behind it, and its own class is left alone for the rest of the round.
/// </summary>
public sealed class WaitingLine
{
    private static readonly Comparer<ResourceClaim> ByKey =
        Comparer<ResourceClaim>.Create((a, b) => a.Line.CompareTo(b.Line));

    private readonly Dictionary<AttemptKey, ResourceClaim> _waiting = [];
    private readonly Dictionary<Guid, SortedSet<ResourceClaim>> _classes = [];

    /// <summary>How many wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Every claim that waits, in order.</summary>
    public IEnumerable<ResourceClaim> InOrder => _waiting.Values.Order(ByKey);

    /// <summary>Every claim that waits, in order; as cheap as the part of it that is read.</summary>
    public IEnumerable<ResourceClaim> FromTheFront()
    {
        var next = new PriorityQueue<SortedSet<ResourceClaim>.Enumerator, LineKey>();
        foreach (var same in _classes.Values)
        {
            var each = same.GetEnumerator();
            if (each.MoveNext()) { next.Enqueue(each, each.Current.Line); }
        }

        while (next.TryDequeue(out var each, out _))
        {
            yield return each.Current;
            if (each.MoveNext()) { next.Enqueue(each, each.Current.Line); }
        }
    }

    /// <summary>The first claim of each class.</summary>
    public IEnumerable<ResourceClaim> Heads => _classes.Values.Select(same => same.Min!);

    /// <summary>The first claim of a class; null when nobody of it waits.</summary>
    public ResourceClaim? First(Guid claimClass) => _classes.TryGetValue(claimClass, out var same) ? same.Min : null;

    /// <summary>The claims of a class, in order.</summary>
    public IEnumerable<ResourceClaim> OfClass(Guid claimClass) => _classes.TryGetValue(claimClass, out var same) ? same : [];

    /// <summary>The claim of an attempt, if it waits.</summary>
    public ResourceClaim? Find(AttemptKey attempt) => _waiting.GetValueOrDefault(attempt);

    /// <summary>Whether anybody of a class waits.</summary>
    public bool HasAny(Guid claimClass) => _classes.ContainsKey(claimClass);

    /// <summary>Whether anybody waits who fits wherever a claim fits.</summary>
    public bool HasAny(ResourceClaim claim) => _waiting.Count > 0 && _classes.ContainsKey(claim.Class);

    /// <summary>Joins the line; a repeat changes nothing.</summary>
    public bool Add(ResourceClaim claim)
    {
        if (!_waiting.TryAdd(claim.Attempt, claim)) { return false; }
        if (!_classes.TryGetValue(claim.Class, out var same))
        {
            _classes.Add(claim.Class, same = new SortedSet<ResourceClaim>(ByKey));
        }

        return same.Add(claim);
    }

    /// <summary>Leaves the line; null when it was not in it.</summary>
    public ResourceClaim? Remove(AttemptKey attempt)
    {
        if (!_waiting.Remove(attempt, out var claim)) { return null; }
        var same = _classes[claim.Class];
        _ = same.Remove(claim);
        if (same.Count == 0) { _ = _classes.Remove(claim.Class); }
        return claim;
    }

    /// <summary>
    /// Offers room to the line in its order. <paramref name="place"/> says whether it placed a claim; the placed ones leave the line.
    /// </summary>
    public void Offer(Func<ResourceClaim, bool> place) => Offer(Heads, place);

    /// <summary>The same for some classes only, which are given by their first claims.</summary>
    public void Offer(IEnumerable<ResourceClaim> first, Func<ResourceClaim, bool> place)
    {
        var heads = new PriorityQueue<ResourceClaim, LineKey>(first.Select(head => (head, head.Line)));
        while (heads.TryDequeue(out var head, out _))
        {
            if (!place(head)) { continue; }
            _ = Remove(head.Attempt);
            if (_classes.TryGetValue(head.Class, out var same)) { heads.Enqueue(same.Min!, same.Min!.Line); }
        }
    }
}

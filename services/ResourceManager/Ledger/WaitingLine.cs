namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// The claims that wait, in the order of their <see cref="LineKey"/>. A claim that cannot be placed does not block claims of another
/// class behind it, and its own class is left alone for the rest of the round. The classes are kept in the order of their first claims, all
/// of them and by requester, so that whoever deals room looks only at those in front of the one that gets it.
/// </summary>
public sealed class WaitingLine
{
    private static readonly Comparer<ResourceClaim> ByKey =
        Comparer<ResourceClaim>.Create((a, b) => a.Line.CompareTo(b.Line));

    private static readonly Comparer<LineClass> ByHead =
        Comparer<LineClass>.Create((a, b) => a.Head.Line.CompareTo(b.Head.Line));

    private readonly Dictionary<AttemptKey, ResourceClaim> _waiting = [];
    private readonly Dictionary<Guid, LineClass> _classes = [];
    private readonly SortedSet<LineClass> _heads = new(ByHead);
    private readonly Dictionary<string, SortedSet<LineClass>> _requesters = new(StringComparer.Ordinal);

    /// <summary>How many wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Every claim that waits, in order.</summary>
    public IEnumerable<ResourceClaim> InOrder => _waiting.Values.Order(ByKey);

    /// <summary>The first claim of each class, in order.</summary>
    public IEnumerable<ResourceClaim> Heads => _heads.Select(same => same.Head);

    /// <summary>Those for whom somebody waits.</summary>
    public IReadOnlyCollection<string> Requesters => _requesters.Keys;

    /// <summary>Every claim that waits, in order; as cheap as the part of it that is read.</summary>
    public IEnumerable<ResourceClaim> FromTheFront()
    {
        var next = new PriorityQueue<SortedSet<ResourceClaim>.Enumerator, LineKey>();
        foreach (var same in _classes.Values)
        {
            var each = same.Claims.GetEnumerator();
            if (each.MoveNext()) { next.Enqueue(each, each.Current.Line); }
        }

        while (next.TryDequeue(out var each, out _))
        {
            yield return each.Current;
            if (each.MoveNext()) { next.Enqueue(each, each.Current.Line); }
        }
    }

    /// <summary>The first claim of each class of a requester, in order.</summary>
    public IEnumerable<ResourceClaim> HeadsOf(string requester) =>
        _requesters.TryGetValue(requester, out var own) ? own.Select(same => same.Head) : [];

    /// <summary>The claims of a class, in order.</summary>
    public IEnumerable<ResourceClaim> OfClass(Guid claimClass) => _classes.TryGetValue(claimClass, out var same) ? same.Claims : [];

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
            _classes.Add(claim.Class, same = new LineClass(claim));
            Order(same);
        }
        else if (claim.Line < same.Head.Line)
        {
            Unorder(same);
            same.Join(claim);
            Order(same);
        }
        else { same.Join(claim); }

        return true;
    }

    /// <summary>Leaves the line; null when it was not in it.</summary>
    public ResourceClaim? Remove(AttemptKey attempt)
    {
        if (!_waiting.Remove(attempt, out var claim)) { return null; }
        var same = _classes[claim.Class];
        if (!ReferenceEquals(same.Head, claim))
        {
            same.Leave(claim);
            return claim;
        }

        Unorder(same);
        same.Leave(claim);
        if (same.Claims.Count == 0) { _ = _classes.Remove(claim.Class); }
        else { Order(same); }
        return claim;
    }

    /// <summary>
    /// Offers room to the line in its order. <paramref name="place"/> says whether it placed a claim; the placed ones leave the line.
    /// </summary>
    public void Offer(Func<ResourceClaim, bool> place)
    {
        var heads = new PriorityQueue<ResourceClaim, LineKey>(Heads.Select(head => (head, head.Line)));
        while (heads.TryDequeue(out var head, out _))
        {
            if (!place(head)) { continue; }
            _ = Remove(head.Attempt);
            if (_classes.TryGetValue(head.Class, out var same)) { heads.Enqueue(same.Head, same.Head.Line); }
        }
    }

    private void Order(LineClass same)
    {
        _ = _heads.Add(same);
        if (!_requesters.TryGetValue(same.Requester, out var own)) { _requesters.Add(same.Requester, own = new SortedSet<LineClass>(ByHead)); }
        _ = own.Add(same);
    }

    // Before its first claim changes: the sets are sorted by it.
    private void Unorder(LineClass same)
    {
        _ = _heads.Remove(same);
        var own = _requesters[same.Requester];
        _ = own.Remove(same);
        if (own.Count == 0) { _ = _requesters.Remove(same.Requester); }
    }

    // Claims that fit the same agents and go on the same account.
    private sealed class LineClass
    {
        public LineClass(ResourceClaim first)
        {
            (Requester, Head) = (first.Requester, first);
            _ = Claims.Add(first);
        }

        public string Requester { get; }

        public SortedSet<ResourceClaim> Claims { get; } = new(ByKey);

        public ResourceClaim Head { get; private set; }

        public void Join(ResourceClaim claim)
        {
            _ = Claims.Add(claim);
            if (claim.Line < Head.Line) { Head = claim; }
        }

        public void Leave(ResourceClaim claim)
        {
            _ = Claims.Remove(claim);
            if (ReferenceEquals(claim, Head) && Claims.Count > 0) { Head = Claims.Min!; }
        }
    }
}

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// The claims that wait, in the order of their <see cref="LineKey"/>. A claim that cannot be placed does not block claims of another
/// class behind it, and its own class is left alone for the rest of the round. The classes are kept in the order of their first claims, all
/// of them and by requester, so that whoever deals room looks only at those in front of the one that gets it.
/// </summary>
public sealed class WaitingLine
{
    private readonly Dictionary<AttemptKey, ResourceClaim> _waiting = [];
    private readonly Dictionary<Guid, LineClass> _classes = [];
    private readonly PlaceOrder<LineClass> _heads = new(same => same.Head.Line);
    private readonly Dictionary<string, RequesterQueue> _requesters = new(StringComparer.Ordinal);

    /// <summary>How many wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Every claim that waits, in order.</summary>
    public IEnumerable<ResourceClaim> InOrder => _waiting.Values.OrderBy(claim => claim.Line);

    /// <summary>The first claim of each class, in order.</summary>
    public IEnumerable<ResourceClaim> Heads => _heads.Select(same => same.Head);

    /// <summary>Those for whom somebody waits.</summary>
    internal Dictionary<string, RequesterQueue>.ValueCollection Requesters => _requesters.Values;

    /// <summary>The classes, in the order of their first claims.</summary>
    internal PlaceOrder<LineClass> Classes => _heads;

    /// <summary>Every claim that waits, in order; as cheap as the part of it that is read.</summary>
    public IEnumerable<ResourceClaim> FromTheFront()
    {
        var next = new PriorityQueue<(LineClass Class, int Index), LineKey>(_heads.Select(same => ((same, 0), same.Head.Line)));
        while (next.TryDequeue(out var place, out _))
        {
            var (claims, index) = (place.Class.Claims, place.Index + 1);
            yield return claims[place.Index];
            if (index < claims.Count) { next.Enqueue((place.Class, index), claims[index].Line); }
        }
    }

    /// <summary>The first claim of each class of a requester, in order.</summary>
    public IEnumerable<ResourceClaim> HeadsOf(string requester) =>
        _requesters.TryGetValue(requester, out var own) ? own.Classes.Select(same => same.Head) : [];

    /// <summary>The claims of a class, in order.</summary>
    public IEnumerable<ResourceClaim> OfClass(Guid claimClass) => _classes.TryGetValue(claimClass, out var same) ? same.Claims : [];

    /// <summary>The claim of an attempt, if it waits.</summary>
    public ResourceClaim? Find(AttemptKey attempt) => _waiting.GetValueOrDefault(attempt);

    /// <summary>Whether anybody of a class waits.</summary>
    public bool HasAny(Guid claimClass) => _classes.ContainsKey(claimClass);

    /// <summary>Whether anybody waits who fits wherever a claim fits.</summary>
    public bool HasAny(ResourceClaim claim) => _waiting.Count > 0 && _classes.ContainsKey(claim.Class);

    /// <summary>
    /// The same claim, saying what it shares with its class in the words of those who wait already: what is read from a message or a row is a text of
    /// its own for each claim, and 20,000 of them are kept, moved and looked through by whoever collects garbage.
    /// </summary>
    /// <param name="claim">The claim.</param>
    /// <param name="told">What is told about it.</param>
    public ResourceClaim Shared(ResourceClaim claim, string told) => _classes.TryGetValue(claim.Class, out var same)
        ? claim with { TaskType = same.Head.TaskType, Pin = same.Head.Pin, Excluded = same.Head.Excluded, Requester = same.Head.Requester, Told = told }
        : claim with { Told = told };

    /// <summary>Joins the line; a repeat changes nothing.</summary>
    public bool Add(ResourceClaim claim)
    {
        if (!_waiting.TryAdd(claim.Attempt, claim)) { return false; }
        if (!_classes.TryGetValue(claim.Class, out var same))
        {
            if (!_requesters.TryGetValue(claim.Requester, out var own)) { _requesters.Add(claim.Requester, own = new RequesterQueue(claim.Requester)); }
            _classes.Add(claim.Class, same = new LineClass(own, claim));
            same.Claims.Add(claim);
            Order(same);
            return true;
        }

        if (claim.Line < same.Head.Line)
        {
            Unorder(same);
            same.Head = claim;
            Order(same);
        }

        same.Claims.Add(claim);
        return true;
    }

    /// <summary>Leaves the line; null when it was not in it.</summary>
    public ResourceClaim? Remove(AttemptKey attempt)
    {
        if (!_waiting.Remove(attempt, out var claim)) { return null; }
        var same = _classes[claim.Class];
        same.Claims.Remove(claim);
        if (!ReferenceEquals(same.Head, claim)) { return claim; }
        Unorder(same);
        if (same.Claims.Count > 0)
        {
            same.Head = same.Claims[0];
            Order(same);
            return claim;
        }

        _ = _classes.Remove(claim.Class);
        if (same.Requester.Classes.Count == 0) { _ = _requesters.Remove(same.Requester.Name); }
        return claim;
    }

    /// <summary>What a requester has is another amount now, so that its share is another one.</summary>
    internal void ForgetShare(string requester)
    {
        if (_requesters.TryGetValue(requester, out var own)) { own.Share = double.NaN; }
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
        _heads.Add(same);
        same.Requester.Classes.Add(same);
    }

    // Before its first claim changes: the classes are sorted by it.
    private void Unorder(LineClass same)
    {
        _heads.Remove(same);
        same.Requester.Classes.Remove(same);
    }
}

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// The claims that wait, in the order of their <see cref="LineKey"/>. A claim that cannot be placed does not block claims of another
/// class behind it, and its own class is left alone for the rest of the round. The classes are kept in the order of their first claims, all
/// of them and by requester, so that whoever deals room looks only at those in front of the one that gets it.
/// </summary>
public sealed class WaitingLine
{
    private readonly WaitingTable _waiting = new();
    private readonly Comparison<int> _compare;
    private readonly Dictionary<Guid, LineClass> _classes = [];
    private readonly PlaceOrder<LineClass> _heads = new(LineClass.Compare);
    private readonly Dictionary<string, RequesterQueue> _requesters = new(StringComparer.Ordinal);

    /// <summary>An empty one.</summary>
    public WaitingLine() => _compare = _waiting.Compare;

    /// <summary>How many wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Every claim that waits, in order.</summary>
    public IEnumerable<ResourceClaim> InOrder => _waiting.Slots.Select(_waiting.Claim).OrderBy(claim => claim.Line);

    /// <summary>The first claim of each class, in order.</summary>
    public IEnumerable<ResourceClaim> Heads => _heads.Select(same => same.Head);

    /// <summary>Those for whom somebody waits.</summary>
    internal List<RequesterQueue> Requesters { get; } = [];

    /// <summary>The classes, in the order of their first claims.</summary>
    internal PlaceOrder<LineClass> Classes => _heads;

    /// <summary>Every claim that waits, in order; as cheap as the part of it that is read.</summary>
    public IEnumerable<ResourceClaim> FromTheFront()
    {
        var next = new PriorityQueue<(LineClass Class, ResourceClaim Claim, int Behind), LineKey>(
            _heads.Select(same => ((same, same.Head, 1), same.Head.Line)));
        while (next.TryDequeue(out var place, out _))
        {
            yield return place.Claim;
            if (place.Behind >= place.Class.Slots.Count) { continue; }
            var claim = _waiting.Claim(place.Class.Slots[place.Behind]);
            next.Enqueue((place.Class, claim, place.Behind + 1), claim.Line);
        }
    }

    /// <summary>The first claim of each class of a requester, in order.</summary>
    public IEnumerable<ResourceClaim> HeadsOf(string requester) =>
        _requesters.TryGetValue(requester, out var own) ? own.Classes.Select(same => same.Head) : [];

    /// <summary>The claims of a class, in order.</summary>
    public IEnumerable<ResourceClaim> OfClass(Guid claimClass) => _classes.TryGetValue(claimClass, out var same) ? same.Slots.Select(_waiting.Claim) : [];

    /// <summary>The claim of an attempt, if it waits.</summary>
    public ResourceClaim? Find(AttemptKey attempt) => _waiting.Find(attempt) is >= 0 and var slot ? _waiting.Claim(slot) : null;

    /// <summary>Whether an attempt waits.</summary>
    public bool Has(AttemptKey attempt) => _waiting.Find(attempt) >= 0;

    /// <summary>Whether anybody of a class waits.</summary>
    public bool HasAny(Guid claimClass) => _classes.ContainsKey(claimClass);

    /// <summary>Those who fit wherever a claim fits; null when none of them waits.</summary>
    internal LineClass? ClassOf(ResourceClaim claim) => _waiting.Count == 0 ? null : _classes.GetValueOrDefault(claim.Class);

    /// <summary>
    /// Joins the line; a repeat changes nothing. What the claim shares with its class is kept once, in the words of the first: what is read from a
    /// message or a row is a text of its own for each claim.
    /// </summary>
    public bool Add(ResourceClaim claim)
    {
        if (Has(claim.Attempt)) { return false; }
        AddNew(claim, ClassOf(claim));
        return true;
    }

    /// <summary>A claim that does not wait joins the line.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="same">What <see cref="ClassOf"/> says of it.</param>
    internal void AddNew(ResourceClaim claim, LineClass? same)
    {
        if (same is null)
        {
            if (!_requesters.TryGetValue(claim.Requester, out var own))
            {
                _requesters.Add(claim.Requester, own = new RequesterQueue(claim.Requester));
                Requesters.Add(own);
            }

            _classes.Add(claim.Class, same = new LineClass(own, claim, _compare));
            same.Slots.Add(_waiting.Add(claim, same));
            Order(same);
            return;
        }

        var slot = _waiting.Add(claim, same);
        if (claim.Line < same.Head.Line)
        {
            Unorder(same);
            same.Head = _waiting.Claim(slot);
            Order(same);
        }

        same.Slots.Add(slot);
    }

    /// <summary>Leaves the line; false when it was not in it.</summary>
    public bool Remove(AttemptKey attempt)
    {
        var slot = _waiting.Find(attempt);
        if (slot < 0) { return false; }
        var same = _waiting.ClassOf(slot);
        var led = same.Slots[0] == slot;
        same.Slots.Remove(slot);
        _waiting.Remove(attempt);
        if (!led) { return true; }
        Unorder(same);
        if (same.Slots.Count > 0)
        {
            same.Head = _waiting.Claim(same.Slots[0]);
            Order(same);
            return true;
        }

        _ = _classes.Remove(same.Head.Class);
        if (same.Requester.Classes.Count > 0) { return true; }
        _ = _requesters.Remove(same.Requester.Name);
        _ = Requesters.Remove(same.Requester);
        return true;
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

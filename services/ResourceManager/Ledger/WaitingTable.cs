namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// What waiting claims do not share with their classes, found by their attempts. It lies in one array whose slots are used in turns, so that whoever
/// joined at about the same time lies close together, and no object belongs to a claim: a line of 20,000 is 3 MB in a row, of which the garbage
/// collector has nothing to mark and nothing to move. As objects they were in no cache when their turn came, and had been moved twice before.
/// </summary>
internal sealed class WaitingTable
{
    private const int First = 4;

    private Waiting[] _slots = new Waiting[First];

    // Given back at the end and taken from the front, so that the order of the slots stays that of the joining.
    private readonly Queue<int> _free = new(Enumerable.Range(0, First));

    // Open addressing, a third empty at least: one look in one place finds an attempt, or that it does not wait, without a look at any claim.
    private Entry[] _index = new Entry[First * 2];

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>The slots that are taken, in no order that counts.</summary>
    public IEnumerable<int> Slots => Enumerable.Range(0, _slots.Length).Where(slot => _slots[slot].Class is not null);

    /// <summary>The class of the claim in a slot.</summary>
    public LineClass ClassOf(int slot) => _slots[slot].Class!;

    /// <summary>The claim in a slot.</summary>
    public ResourceClaim Claim(int slot)
    {
        ref readonly var waiting = ref _slots[slot];
        return waiting.Claim(waiting.Class!.Head);
    }

    /// <summary>Which of two stands before the other in the line.</summary>
    public int Compare(int slot, int other) => Waiting.Compare(in _slots[slot], in _slots[other]);

    /// <summary>The slot of an attempt; negative when it does not wait.</summary>
    public int Find(AttemptKey attempt) => Count == 0 ? -1 : _index[Seek(attempt, attempt.GetHashCode())].Slot;

    /// <summary>Puts in a claim that is not in here; its slot.</summary>
    public int Add(ResourceClaim claim, LineClass of)
    {
        if (Count == _slots.Length) { MoreSlots(); }
        if (Count * 3 >= _index.Length * 2) { LargerIndex(); }
        var (slot, hash) = (_free.Dequeue(), claim.Attempt.GetHashCode());
        _slots[slot].Take(claim, of);
        Enter(_index, new Entry(hash, slot));
        Count++;
        return slot;
    }

    /// <summary>Takes out a claim that is in here.</summary>
    public void Remove(AttemptKey attempt)
    {
        var at = Seek(attempt, attempt.GetHashCode());
        var slot = _index[at].Slot;
        Leave(at);
        _slots[slot].Clear();
        _free.Enqueue(slot);
        Count--;
    }

    // Where an attempt stands in the index, or the free place at which the search for it ends.
    private int Seek(AttemptKey attempt, int hash)
    {
        var at = hash & (_index.Length - 1);
        while (!_index[at].IsFree && (_index[at].Hash != hash || !_slots[_index[at].Slot].Is(attempt))) { at = (at + 1) & (_index.Length - 1); }
        return at;
    }

    private static void Enter(Entry[] index, Entry entry)
    {
        var at = entry.Hash & (index.Length - 1);
        while (!index[at].IsFree) { at = (at + 1) & (index.Length - 1); }
        index[at] = entry;
    }

    // Those behind it move up, as far as they may: a search ends at the first free place.
    private void Leave(int at)
    {
        var last = _index.Length - 1;
        for (var next = (at + 1) & last; !_index[next].IsFree; next = (next + 1) & last)
        {
            var home = _index[next].Hash & last;
            if (((next - home) & last) < ((next - at) & last)) { continue; }
            _index[at] = _index[next];
            at = next;
        }

        _index[at] = default;
    }

    private void MoreSlots()
    {
        var taken = _slots.Length;
        Array.Resize(ref _slots, taken * 2);
        for (var slot = taken; slot < _slots.Length; slot++) { _free.Enqueue(slot); }
    }

    private void LargerIndex()
    {
        var index = new Entry[_index.Length * 2];
        foreach (var entry in _index)
        {
            if (!entry.IsFree) { Enter(index, entry); }
        }

        _index = index;
    }

    // The hash of an attempt, and its slot; free where there is none.
    private readonly struct Entry(int hash, int slot)
    {
        private readonly int _behind = slot + 1;

        public int Hash => hash;

        public int Slot => _behind - 1;

        public bool IsFree => _behind == 0;
    }
}

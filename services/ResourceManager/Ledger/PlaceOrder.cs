using System.Collections;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// Things in the order of their places in the line, in one array that has room at both ends. Who joins the line goes to its end and who gets room
/// leaves its front, almost always, and then nothing is moved, allocated or looked for. In between, the shorter side moves over by one.
/// </summary>
/// <param name="compare">Which of two stands before the other; it must not change while they are in here.</param>
public sealed class PlaceOrder<T>(Comparison<T> compare) : IReadOnlyList<T>
{
    private T[] _items = new T[4];
    private int _from;

    /// <inheritdoc />
    public int Count { get; private set; }

    /// <inheritdoc />
    public T this[int index] => _items[_from + index];

    /// <summary>Puts it where it belongs.</summary>
    public void Add(T item)
    {
        var at = Count == 0 || compare(this[Count - 1], item) < 0 ? Count : IndexOf(item);
        if (_from > 0 && at < Count - at)
        {
            Array.Copy(_items, _from, _items, _from - 1, at);
            _from--;
        }
        else
        {
            MakeRoomBehind();
            Array.Copy(_items, _from + at, _items, _from + at + 1, Count - at);
        }

        _items[_from + at] = item;
        Count++;
    }

    /// <summary>Takes it out; it must be in here.</summary>
    public void Remove(T item)
    {
        var at = EqualityComparer<T>.Default.Equals(this[0], item) ? 0 : IndexOf(item);
        if (at < Count - at - 1)
        {
            Array.Copy(_items, _from, _items, _from + 1, at);
            _items[_from++] = default!;
        }
        else
        {
            Array.Copy(_items, _from + at + 1, _items, _from + at, Count - at - 1);
            _items[_from + Count - 1] = default!;
        }

        if (--Count == 0) { _from = 0; }
    }

    /// <inheritdoc />
    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) { yield return this[i]; }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // The first that does not stand before the item.
    private int IndexOf(T item)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (compare(this[middle], item) < 0) { low = middle + 1; }
            else { high = middle; }
        }

        return low;
    }

    // Moved to the front only when half of the array is empty there: by then as many have left as are moved.
    private void MakeRoomBehind()
    {
        if (_from + Count < _items.Length) { return; }
        var items = _from < _items.Length / 2 ? new T[_items.Length * 2] : _items;
        Array.Copy(_items, _from, items, 0, Count);
        if (ReferenceEquals(items, _items)) { Array.Clear(items, Count, _from); }
        (_items, _from) = (items, 0);
    }
}

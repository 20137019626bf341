namespace A2A.Micro.Gateway.Limits;

/// <summary>
/// The count of one tenant. What is counted elsewhere is late by what is on its way there, so it does not replace this one: it bounds it. Below is what was
/// counted, less what has ended meanwhile; above, that and what was accepted of late. A tenant that rests is known exactly.
/// </summary>
internal sealed class OpenCount
{
    private readonly Lock _gate = new();
    private long _count;
    private long _recent;
    private long _before;
    private long _endedSinceMark;
    private bool _isGone;

    /// <summary>Null: this count has been put away, ask for a new one.</summary>
    public bool? TryTake(int count, long max)
    {
        lock (_gate)
        {
            if (_isGone) { return null; }
            if (_count + count > max) { return false; }
            _count += count;
            _recent += count;
            return true;
        }
    }

    public void GiveBack(int count)
    {
        lock (_gate) { (_count, _recent) = (Math.Max(0, _count - count), Math.Max(0, _recent - count)); }
    }

    public void End()
    {
        lock (_gate)
        {
            _count = Math.Max(0, _count - 1);
            _endedSinceMark++;
        }
    }

    public void Mark()
    {
        lock (_gate) { _endedSinceMark = 0; }
    }

    /// <summary>True: there is nothing to remember any more.</summary>
    public bool Correct(long counted, long onTheWay)
    {
        lock (_gate)
        {
            _count = Math.Clamp(_count, Math.Max(0, counted - _endedSinceMark), counted + _recent + _before + onTheWay);
            (_before, _recent) = (_recent, 0);
            return _isGone = _count == 0 && _before == 0;
        }
    }
}

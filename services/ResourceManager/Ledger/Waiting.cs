using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// A waiting claim without what it shares with its class. Its names lie in it as plain bytes; one that does not go into them, or was told whom to
/// avoid, is kept as it came.
/// </summary>
internal struct Waiting
{
    private const int TextMax = 96;

    private ResourceClaim? _kept;
    private PlacementRule? _placement;
    private string _told;
    private long _keyUs;
    private long _deadlineUs;
    private long _enqueuedUs;
    private int _attempt;
    private byte _idLength;
    private byte _traceLength;
    private Text _text;

    /// <summary>Its class; null where nobody is.</summary>
    public LineClass? Class { get; private set; }

    [UnscopedRef]
    private readonly ReadOnlySpan<byte> Id => ((ReadOnlySpan<byte>)_text)[.._idLength];

    [UnscopedRef]
    private readonly ReadOnlySpan<byte> Trace => ((ReadOnlySpan<byte>)_text).Slice(_idLength, _traceLength);

    /// <summary>A claim takes the slot.</summary>
    public void Take(ResourceClaim claim, LineClass of)
    {
        (Class, _placement, _told, _attempt) = (of, claim.Placement, claim.Told, claim.Attempt.Attempt);
        (_keyUs, _deadlineUs, _enqueuedUs) = (claim.Line.KeyUs, claim.Line.DeadlineUs, claim.Line.EnqueuedUs);
        Span<byte> text = _text;
        var goes = Ascii.FromUtf16(claim.Attempt.TaskId, text, out var id) == OperationStatus.Done;
        goes &= Ascii.FromUtf16(claim.TraceParent, text[id..], out var trace) == OperationStatus.Done;
        (_idLength, _traceLength, _kept) = ((byte)id, (byte)trace, goes && claim.Avoid is null ? null : claim);
    }

    /// <summary>Nobody has the slot any more.</summary>
    public void Clear() => (Class, _kept, _placement) = (null, null, null);

    /// <summary>Whether it is an attempt's.</summary>
    public readonly bool Is(AttemptKey attempt) =>
        _attempt == attempt.Attempt && (_kept is null ? Ascii.Equals(Id, attempt.TaskId) : _kept.Attempt.TaskId == attempt.TaskId);

    /// <summary>The whole claim.</summary>
    /// <param name="other">Another one of its class.</param>
    public readonly ResourceClaim Claim(ResourceClaim other)
    {
        if (_kept is not null) { return _kept; }
        var attempt = new AttemptKey(Encoding.ASCII.GetString(Id), _attempt);
        return other with
        {
            Attempt = attempt,
            Line = new LineKey(_keyUs, _deadlineUs, _enqueuedUs, attempt),
            Avoid = null,
            Placement = _placement!,
            TraceParent = _traceLength == 0 ? null : Encoding.ASCII.GetString(Trace),
            Told = _told,
        };
    }

    /// <summary>Which of two stands before the other: the order of <see cref="LineKey"/>.</summary>
    public static int Compare(in Waiting one, in Waiting other)
    {
        if (one._keyUs != other._keyUs) { return one._keyUs < other._keyUs ? -1 : 1; }
        if (one._deadlineUs != other._deadlineUs) { return one._deadlineUs < other._deadlineUs ? -1 : 1; }
        if (one._enqueuedUs != other._enqueuedUs) { return one._enqueuedUs < other._enqueuedUs ? -1 : 1; }
        // The order of plain bytes is that of the texts.
        var byTask = one._kept is null && other._kept is null
            ? one.Id.SequenceCompareTo(other.Id)
            : string.CompareOrdinal(one.TaskId, other.TaskId);
        return byTask != 0 ? byTask : one._attempt.CompareTo(other._attempt);
    }

    private readonly string TaskId => _kept?.Attempt.TaskId ?? Encoding.ASCII.GetString(Id);

    [InlineArray(TextMax)]
    private struct Text
    {
        private byte _first;
    }
}

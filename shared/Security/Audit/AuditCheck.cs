namespace A2A.Micro.Security.Audit;

/// <summary>
/// Walks over the audit from its first row and finds the first place at which it is not what was written: a row that was changed, is missing, was put in
/// or stands elsewhere. What was cut off at the end is found by the anchors.
/// </summary>
public sealed class AuditCheck
{
    private readonly Queue<AuditAnchor> _anchors;
    private byte[] _hash = AuditChain.Genesis;

    /// <summary>A walk that must come by these anchors.</summary>
    public AuditCheck(IEnumerable<AuditAnchor> anchors) => _anchors = new(anchors.OrderBy(anchor => anchor.Seq));

    /// <summary>Rows that are in order so far.</summary>
    public long Seq { get; private set; }

    /// <summary>What is wrong; null while nothing is.</summary>
    public AuditFlaw? Flaw { get; private set; }

    /// <summary>The next row, by its number; false once something is wrong.</summary>
    public bool Take(AuditRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (Flaw is not null) { return false; }
        Flaw = row switch
        {
            _ when row.Seq > Seq + 1 => new AuditFlaw(Seq + 1, "the row is missing"),
            _ when row.Seq <= Seq => new AuditFlaw(row.Seq, "the row stands twice"),
            _ when !row.PrevHash.AsSpan().SequenceEqual(_hash) => new AuditFlaw(row.Seq, "the row does not follow the one before"),
            _ when !row.Hash.AsSpan().SequenceEqual(AuditChain.HashOf(_hash, row.Seq, row.Entry)) => new AuditFlaw(row.Seq, "the row is not what was written"),
            _ => null,
        };
        if (Flaw is not null) { return false; }
        (Seq, _hash) = (row.Seq, row.Hash);
        while (_anchors.TryPeek(out var anchor) && anchor.Seq <= Seq)
        {
            _ = _anchors.Dequeue();
            if (anchor.Seq == Seq && !anchor.Hash.AsSpan().SequenceEqual(_hash))
            {
                Flaw = new AuditFlaw(Seq, "the chain is another than the one that was anchored");
                return false;
            }
        }

        return true;
    }

    /// <summary>After the last row: what is wrong, or null.</summary>
    public AuditFlaw? End() => Flaw ??= _anchors.TryPeek(out var anchor)
        ? new AuditFlaw(Seq + 1, $"rows up to {anchor.Seq} were anchored and are missing")
        : null;
}

/// <summary>The first thing that is wrong with an audit.</summary>
/// <param name="Seq">At which row.</param>
/// <param name="What">What it is.</param>
public sealed record AuditFlaw(long Seq, string What);

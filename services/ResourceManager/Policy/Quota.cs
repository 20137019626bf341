using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.ResourceManager.Policy;

/// <summary>What one requester may have. Pure.</summary>
/// <param name="Guaranteed">Goes before what others borrow; null: nothing is. A kind that is not named is <see cref="long.MaxValue"/>.</param>
/// <param name="Limit">Never more than this; null: no limit. A kind that is not named is <see cref="long.MaxValue"/>.</param>
/// <param name="Weight">Its worth when room is shared.</param>
/// <param name="Borrows">Whether it may have more than is guaranteed.</param>
public sealed record Quota(Quantities? Guaranteed, Quantities? Limit, double Weight, bool Borrows)
{
    /// <summary>Nothing is guaranteed and nothing forbidden.</summary>
    public static Quota Unlimited { get; } = new(null, null, 1, true);

    /// <summary>The most it may have at one time: the limit, and for one who may not borrow the guarantee; null: no limit.</summary>
    public Quantities? Ceiling => (Limit, Guaranteed, Borrows) switch
    {
        (_, null, _) or (_, _, true) => Limit,
        (null, { } guaranteed, false) => guaranteed,
        ({ } limit, { } guaranteed, false) => Min(limit, guaranteed),
    };

    /// <summary>From what an operator wrote down.</summary>
    public static Quota Of(QuotaSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        return new Quota(Amounts(setting.Guaranteed), Amounts(setting.Limit), setting.Weight, setting.Borrowing);
    }

    /// <summary>Whether so much more would still be within the ceiling. Kinds that are not asked for cannot forbid it.</summary>
    public bool Lets(Quantities used, Quantities wanted) => Ceiling is not { } ceiling || IsWithin(ceiling, used, wanted);

    /// <summary>Whether so much more would still be within what is guaranteed.</summary>
    public bool Guarantees(Quantities used, Quantities wanted) => Guaranteed is { } guaranteed && IsWithin(guaranteed, used, wanted);

    /// <summary>The kinds of which so much more would be too much.</summary>
    public IEnumerable<Dimension> Over(Quantities used, Quantities wanted) => Ceiling is { } ceiling
        ? Dimension.All.Where(kind => kind.Of(wanted) > 0 && kind.Of(used) > kind.Of(ceiling) - kind.Of(wanted))
        : [];

    private static bool IsWithin(Quantities bound, Quantities used, Quantities wanted) =>
        Is(bound.Slots, used.Slots, wanted.Slots) && Is(bound.CpuMilli, used.CpuMilli, wanted.CpuMilli)
        && Is(bound.MemoryMib, used.MemoryMib, wanted.MemoryMib) && Is(bound.StorageMib, used.StorageMib, wanted.StorageMib)
        && Is(bound.Gpus, used.Gpus, wanted.Gpus);

    // Subtracted, because a bound of MaxValue leaves no room for a sum.
    private static bool Is(long bound, long used, long wanted) => wanted == 0 || used <= bound - wanted;

    private static Quantities Min(Quantities a, Quantities b) => -Quantities.Max(-a, -b);

    private static Quantities? Amounts(QuotaAmounts? said) => said is null ? null : new Quantities(
        said.Slots ?? long.MaxValue,
        Count(said.CpuCores, 1000),
        Count(said.MemoryGb, 1024),
        Count(said.StorageGb, 1024),
        said.GpuUnits ?? long.MaxValue);

    private static long Count(double? amount, long perUnit) => amount is { } said ? (long)((decimal)said * perUnit) : long.MaxValue;
}

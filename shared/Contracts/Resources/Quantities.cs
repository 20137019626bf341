using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Contracts.Resources;

/// <summary>
/// Capacity as one value. Integers only: sums of fractions drift, and a ledger that drifts by one rounding error ends up refusing
/// its own release (reliability G6).
/// </summary>
/// <param name="Slots">Tasks at once.</param>
/// <param name="CpuMilli">Thousandths of a core.</param>
/// <param name="MemoryMib">MiB, 2^20 bytes.</param>
/// <param name="StorageMib">MiB, 2^20 bytes.</param>
/// <param name="Gpus">Whole devices.</param>
public readonly record struct Quantities(long Slots, long CpuMilli, long MemoryMib, long StorageMib, long Gpus)
{
    // Far above any machine and far below where sums over 10,000 of them would overflow.
    private const double Limit = 1e9;

    /// <summary>Nothing.</summary>
    public static Quantities None => default;

    /// <summary>What a task takes: one slot and what it asked for, rounded up.</summary>
    /// <exception cref="ProtocolException">MSG001: an amount is negative, not a number, or absurd.</exception>
    public static Quantities From(Requirements wanted) => new(
        1,
        Count(wanted.CpuCores, 1000, "cpu_cores", decimal.Ceiling),
        Count(wanted.MemoryGb, 1024, "memory_gb", decimal.Ceiling),
        Count(wanted.StorageGb, 1024, "storage_gb", decimal.Ceiling),
        Count(wanted.GpuUnits ?? 0, 1, "gpu_units", decimal.Ceiling));

    /// <summary>What an agent can hold, rounded down.</summary>
    /// <exception cref="ProtocolException">MSG001: an amount is negative, not a number, or absurd.</exception>
    public static Quantities From(AgentCapacity capacity) => new(
        Count(capacity.Slots, 1, "slots", decimal.Floor),
        Count(capacity.CpuCores, 1000, "cpu_cores", decimal.Floor),
        Count(capacity.MemoryGb, 1024, "memory_gb", decimal.Floor),
        Count(capacity.StorageGb, 1024, "storage_gb", decimal.Floor),
        capacity.GpuIds?.Count ?? Count(capacity.GpuUnits, 1, "gpu_units", decimal.Floor));

    /// <summary>Whether this much fits into that much: <see cref="AgentFit"/>, the ledger, and the bound on what is read all ask here.</summary>
    public bool FitsIn(Quantities room) =>
        Slots <= room.Slots && CpuMilli <= room.CpuMilli && MemoryMib <= room.MemoryMib
        && StorageMib <= room.StorageMib && Gpus <= room.Gpus;

    /// <summary>How many of these fit beside each other; <see cref="long.MaxValue"/> for <see cref="None"/>.</summary>
    public long TimesIn(Quantities room) => Math.Max(0, Math.Min(
        Math.Min(Times(Slots, room.Slots), Times(CpuMilli, room.CpuMilli)),
        Math.Min(
            Math.Min(Times(MemoryMib, room.MemoryMib), Times(StorageMib, room.StorageMib)),
            Times(Gpus, room.Gpus))));

    /// <summary>Sum of both.</summary>
    public static Quantities operator +(Quantities a, Quantities b) => new(
        a.Slots + b.Slots, a.CpuMilli + b.CpuMilli, a.MemoryMib + b.MemoryMib, a.StorageMib + b.StorageMib,
            a.Gpus + b.Gpus);

    /// <summary>Difference; negative where <paramref name="b"/> is larger.</summary>
    public static Quantities operator -(Quantities a, Quantities b) => new(
        a.Slots - b.Slots, a.CpuMilli - b.CpuMilli, a.MemoryMib - b.MemoryMib, a.StorageMib - b.StorageMib,
            a.Gpus - b.Gpus);

    /// <summary>The opposite.</summary>
    public static Quantities operator -(Quantities a) => None - a;

    /// <summary>The larger of each kind.</summary>
    public static Quantities Max(Quantities a, Quantities b) => new(
        Math.Max(a.Slots, b.Slots), Math.Max(a.CpuMilli, b.CpuMilli), Math.Max(a.MemoryMib, b.MemoryMib),
        Math.Max(a.StorageMib, b.StorageMib), Math.Max(a.Gpus, b.Gpus));

    /// <summary>Only what the named resources of an agent are (<c>agent/kind</c>); ids of other agents name nothing.</summary>
    public Quantities Named(string agentId, IReadOnlyCollection<string> resourceIds)
    {
        long Keep(string kind, long amount) => resourceIds.Contains(agentId + "/" + kind) ? amount : 0;
        return new Quantities(Keep("slot", Slots), Keep("cpu", CpuMilli), Keep("memory", MemoryMib),
            Keep("storage", StorageMib), Keep("gpu", Gpus));
    }

    /// <summary>As the task and the people read it: one line per kind that is not zero, and one per device where they have names.</summary>
    /// <param name="agentId">Where it lies.</param>
    /// <param name="devices">The GPUs among it by name; empty when they have none.</param>
    public IReadOnlyList<AllocatedResource> On(string agentId, IReadOnlyList<string> devices)
    {
        // Said of every task that starts: no LINQ.
        var all = devices.Count > 0 ? this with { Gpus = 0 } : this;
        var resources = new List<AllocatedResource>(Dimension.All.Count + devices.Count);
        foreach (var dimension in Dimension.All)
        {
            if (dimension.Of(all) <= 0) { continue; }
            resources.Add(new AllocatedResource
            {
                ResourceId = agentId + "/" + dimension.Kind,
                Kind = dimension.Kind,
                Amount = dimension.Outside(all),
                Pool = agentId,
            });
        }

        foreach (var device in devices)
        {
            resources.Add(new AllocatedResource
            {
                ResourceId = $"{agentId}/gpu/{device}",
                Kind = "gpu",
                Amount = 1,
                Pool = agentId,
                DeviceId = device,
            });
        }

        return resources;
    }

    /// <summary>As a capacity in outside units.</summary>
    public AgentCapacity AsCapacity() => new()
    {
        Slots = (int)Slots,
        CpuCores = CpuMilli / 1000d,
        MemoryGb = MemoryMib / 1024d,
        StorageGb = StorageMib / 1024d,
        GpuUnits = (int)Gpus,
    };

    private static long Times(long wanted, long room) => wanted == 0 ? long.MaxValue : room / wanted;

    private static long Count(double amount, long perUnit, string field, Func<decimal, decimal> round)
    {
        if (!double.IsFinite(amount) || amount is < 0 or > Limit)
        {
            throw new ProtocolException(ErrorKind.Validation, $"{field} must be a number from 0 to {Limit}");
        }

        // Through decimal, which drops the noise of binary fractions: 0.1 cores are 100 milli-cores, not 101.
        return (long)round((decimal)amount * perUnit);
    }
}

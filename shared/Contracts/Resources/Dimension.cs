namespace A2A.Micro.Contracts.Resources;

/// <summary>One kind of capacity: how the outside spells it and how it is counted inside.</summary>
/// <param name="Field">Name in requirements and capacities, such as <c>memory_gb</c>.</param>
/// <param name="Kind">Kind of an allocated resource, such as <c>memory</c> (requirements 26).</param>
/// <param name="PerUnit">Inside counts in one outside unit: 1000 milli-cores are one core.</param>
/// <param name="Of">The amount of this kind in a quantity, in inside counts.</param>
public sealed record Dimension(string Field, string Kind, long PerUnit, Func<Quantities, long> Of)
{
    /// <summary>Every kind there is, in the order in which they are named to people.</summary>
    public static IReadOnlyList<Dimension> All { get; } =
    [
        new("slots", "slot", 1, quantities => quantities.Slots),
        new("cpu_cores", "cpu", 1000, quantities => quantities.CpuMilli),
        new("memory_gb", "memory", 1024, quantities => quantities.MemoryMib),
        new("storage_gb", "storage", 1024, quantities => quantities.StorageMib),
        new("gpu_units", "gpu", 1, quantities => quantities.Gpus),
    ];

    /// <summary>The amount in the outside unit.</summary>
    public double Outside(Quantities quantities) => (double)Of(quantities) / PerUnit;
}

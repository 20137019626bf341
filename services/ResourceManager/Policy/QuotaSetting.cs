namespace A2A.Micro.ResourceManager.Policy;

/// <summary>What one requester may have, as an operator writes it down.</summary>
public sealed class QuotaSetting
{
    /// <summary>So much goes before what others borrow; null: nothing.</summary>
    public QuotaAmounts? Guaranteed { get; set; }

    /// <summary>Never more than this at one time; null: no limit.</summary>
    public QuotaAmounts? Limit { get; set; }

    /// <summary>Whether it may have more than is guaranteed while there is room; without a guarantee this says nothing.</summary>
    public bool Borrowing { get; set; } = true;

    /// <summary>One of weight 2 gets twice the share of one of weight 1; 0.001 to 1000.</summary>
    public double Weight { get; set; } = 1;
}

/// <summary>Amounts in the units of a task's requirements; what is left out is not counted.</summary>
public sealed class QuotaAmounts
{
    /// <summary>Tasks at once.</summary>
    public int? Slots { get; set; }

    /// <summary>Cores.</summary>
    public double? CpuCores { get; set; }

    /// <summary>Memory in GiB.</summary>
    public double? MemoryGb { get; set; }

    /// <summary>Storage in GiB.</summary>
    public double? StorageGb { get; set; }

    /// <summary>Whole GPUs.</summary>
    public int? GpuUnits { get; set; }
}

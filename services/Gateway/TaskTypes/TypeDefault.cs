using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.TaskTypes;

/// <summary>What the operator says about a type or pattern; wins over what agents announce, and a longer pattern over a shorter one.</summary>
public sealed class TypeDefault
{
    /// <summary>A type such as <c>data.analysis</c>, or <c>data.*</c>, or <c>*</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>1 low .. 4 critical.</summary>
    public int? Priority { get; set; }

    /// <summary>From submission to the deadline; a second to a year.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Cores.</summary>
    public double? CpuCores { get; set; }

    /// <summary>Memory in GiB.</summary>
    public double? MemoryGb { get; set; }

    /// <summary>Storage in GiB.</summary>
    public double? StorageGb { get; set; }

    /// <summary>Whole GPUs.</summary>
    public int? GpuUnits { get; set; }

    /// <summary>Attempts in all, 1..20.</summary>
    public int? MaxAttempts { get; set; }

    /// <summary>Wait before the second attempt, up to an hour.</summary>
    public TimeSpan? InitialBackoff { get; set; }

    /// <summary>Longest wait, up to a day.</summary>
    public TimeSpan? MaxBackoff { get; set; }

    /// <summary>The share of a wait that chance may take off, 0..1.</summary>
    public double? Jitter { get; set; }

    /// <summary>Error codes, separated by commas, after which there is no further attempt.</summary>
    public string? NonRetryableCodes { get; set; }

    /// <summary>The same as a profile.</summary>
    public TaskTypeProfile Profile => new()
    {
        Priority = Priority,
        TimeoutS = Timeout?.TotalSeconds,
        Requirements = CpuCores is null && MemoryGb is null && StorageGb is null && GpuUnits is null
            ? null
            : new Requirements { CpuCores = CpuCores ?? 0, MemoryGb = MemoryGb ?? 0, StorageGb = StorageGb ?? 0, GpuUnits = GpuUnits },
        Retry = Rule,
    };

    /// <summary>Everything that is wrong with it.</summary>
    public IEnumerable<FieldError> Check() => TypePattern.IsPattern(Type)
        ? Profile.Check("#")
        : [new FieldError("#/type", "a type such as data.analysis or data.*", ErrorKind.Validation.Code)];

    private RetryRule? Rule =>
        MaxAttempts is null && InitialBackoff is null && MaxBackoff is null && Jitter is null && NonRetryableCodes is null
            ? null
            : new RetryRule
            {
                MaxAttempts = MaxAttempts,
                InitialBackoffS = InitialBackoff?.TotalSeconds,
                MaxBackoffS = MaxBackoff?.TotalSeconds,
                Jitter = Jitter,
                NonRetryableCodes = NonRetryableCodes?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            };
}

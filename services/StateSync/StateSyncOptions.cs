using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace A2A.Micro.StateSync;

/// <summary>Knobs of StateSync; section <c>A2A:StateSync</c>, in the environment <c>A2A__StateSync__Concurrency</c> and so on.</summary>
public sealed class StateSyncOptions
{
    /// <summary>The section.</summary>
    public const string Section = "A2A:StateSync";

    /// <summary>Messages per endpoint that are applied at once; they share commits, so fewer than 64 make every commit dearer.</summary>
    [Range(1, 1024, ErrorMessage = "A2A__StateSync__Concurrency must be 1 to 1024.")]
    public int Concurrency { get; set; } = 64;

    /// <summary>A step of the Scheduler that is missing for longer is asked for again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00",
        ErrorMessage = "A2A__StateSync__GapAfter must be 00:00:01 to 01:00:00.")]
    public TimeSpan GapAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A report of an attempt that is not known to run is dropped after this.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00",
        ErrorMessage = "A2A__StateSync__ReportsHeldFor must be 00:00:01 to 1.00:00:00.")]
    public TimeSpan ReportsHeldFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often gaps are looked for and old reports dropped.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00",
        ErrorMessage = "A2A__StateSync__SweepInterval must be 00:00:00.100 to 00:10:00.")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a completed task can be read after its end.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00", ErrorMessage = "A2A__StateSync__KeepCompleted must be 00:01:00 to 3650.00:00:00.")]
    public TimeSpan KeepCompleted { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a task that ended otherwise can be read.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00", ErrorMessage = "A2A__StateSync__KeepOthers must be 00:01:00 to 3650.00:00:00.")]
    public TimeSpan KeepOthers { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long what agents share under the name of a task that is not known, or not any more, is kept after its last change.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00", ErrorMessage = "A2A__StateSync__KeepShared must be 00:01:00 to 3650.00:00:00.")]
    public TimeSpan KeepShared { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How often documents that are old enough are removed, with their history.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "A2A__StateSync__RetentionInterval must be 00:00:01 to 1.00:00:00.")]
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often documents are compared with their history.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00",
        ErrorMessage = "A2A__StateSync__VerifyInterval must be 00:00:01 to 1.00:00:00.")]
    public TimeSpan VerifyInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>About a task that has not ended and has not moved for longer the Scheduler is asked now and then.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "A2A__StateSync__StaleAfter must be 00:00:01 to 1.00:00:00.")]
    public TimeSpan StaleAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Documents per comparison, the latest changed ones.</summary>
    [Range(1, 10_000, ErrorMessage = "A2A__StateSync__VerifyBatch must be 1 to 10000.")]
    public int VerifyBatch { get; set; } = 100;
}

/// <summary>Checks the bounds at start.</summary>
[OptionsValidator]
internal sealed partial class StateSyncOptionsValidator : IValidateOptions<StateSyncOptions>;

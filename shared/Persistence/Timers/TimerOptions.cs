using System.ComponentModel.DataAnnotations;

namespace A2A.Micro.Persistence.Timers;

/// <summary>Knobs of the sweep over due sagas; section <c>A2A:Timers</c>.</summary>
public sealed class TimerOptions
{
    /// <summary>How late a timer may fire.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A wake-up that had no effect is repeated after this.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RepeatAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Sagas per sweep.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>How long a message is recognised as a repeat. Longer than any redelivery can take.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan InboxAge { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often old inbox rows and expired sagas are removed.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan PurgeInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Rows of each kind per purge; as long as there are that many, the next one follows at once.</summary>
    [Range(1, 100_000)]
    public int PurgeBatch { get; set; } = 10_000;
}

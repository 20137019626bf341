using System.ComponentModel.DataAnnotations;

namespace A2A.Micro.Persistence.Outbox;

/// <summary>Knobs of the relay; section <c>A2A:Outbox</c>.</summary>
public sealed class OutboxOptions
{
    /// <summary>How often the relay looks for what a crash or an outage left behind. It always polls.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a row belongs to whoever is sending it before the relay takes it over.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ClaimFor { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A send that takes longer counts as failed; the outcome is unknown, hence the stable MessageId.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Rows per relay round.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>Committed messages that wait in memory for their first send; beyond it they are left to the relay.</summary>
    [Range(16, 1_000_000)]
    public int QueueMax { get; set; } = 10_000;

    /// <summary>Sends in flight at once.</summary>
    [Range(1, 1024)]
    public int Concurrency { get; set; } = 64;
}

using System.ComponentModel.DataAnnotations;

namespace A2A.Micro.AgentSdk;

/// <summary>What an operator may set for the agents of a process: section <c>Agent</c>, so <c>Agent__Heartbeat=00:00:05</c>.</summary>
public sealed class AgentOptions : IValidatableObject
{
    /// <summary>The section's name.</summary>
    public const string Section = "Agent";

    /// <summary>Time between two heartbeats; 100 ms to a minute.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the ResourceManager believes in a silent agent; must be its setting too.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The agent stops its work this much before the lease ends (G5).</summary>
    public TimeSpan LeaseMargin { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long running work may go on after SIGTERM; 0 to an hour. The container's stop grace period must be longer.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Shortest time between two progress messages of one task; 10 ms to a minute.</summary>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long the acceptance of an offer waits for a handler that is done at once, whose result then goes alone; 0 (says yes at once) to a
    /// second.
    /// </summary>
    public TimeSpan AcceptWithin { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>From the send time of a heartbeat on, the agent trusts its lease this long.</summary>
    internal TimeSpan Trust => Lease - LeaseMargin;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Heartbeat < TimeSpan.FromMilliseconds(100) || Heartbeat > TimeSpan.FromMinutes(1))
        {
            yield return new("Agent__Heartbeat must be between 00:00:00.1 and 00:01:00", [nameof(Heartbeat)]);
        }

        if (LeaseMargin < TimeSpan.Zero || Lease > TimeSpan.FromHours(1) || Trust < 2 * Heartbeat)
        {
            yield return new(
                "Agent__Lease less Agent__LeaseMargin must hold two of Agent__Heartbeat, and be at most an hour",
                [nameof(Lease)]);
        }

        if (Grace < TimeSpan.Zero || Grace > TimeSpan.FromHours(1))
        {
            yield return new("Agent__Grace must be between 00:00:00 and 01:00:00", [nameof(Grace)]);
        }

        if (AcceptWithin < TimeSpan.Zero || AcceptWithin > TimeSpan.FromSeconds(1))
        {
            yield return new("Agent__AcceptWithin must be between 00:00:00 and 00:00:01", [nameof(AcceptWithin)]);
        }

        if (ProgressInterval < TimeSpan.FromMilliseconds(10) || ProgressInterval > TimeSpan.FromMinutes(1))
        {
            yield return new(
                "Agent__ProgressInterval must be between 00:00:00.01 and 00:01:00", [nameof(ProgressInterval)]);
        }
    }
}

using System.ComponentModel.DataAnnotations;
using A2A.Micro.Contracts.Tasks;

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

    /// <summary>Labels that tasks may ask for, such as <c>zone=eu,tier=gold</c>; they win over those of the program.</summary>
    public string Labels { get; set; } = "";

    /// <summary>The GPUs by name, such as <c>0,1</c>, as <c>CUDA_VISIBLE_DEVICES</c> takes them; they win over what the program says.</summary>
    public string GpuIds { get; set; } = "";

    /// <summary><see cref="Labels"/> one by one.</summary>
    internal IEnumerable<(string Name, string Value)> NamedLabels => Parts(Labels).Select(label => label.Split('=', 2))
        .Select(halves => (halves[0], halves.Length > 1 ? halves[1] : ""));

    /// <summary><see cref="GpuIds"/> one by one.</summary>
    internal IReadOnlyList<string> NamedGpus => Parts(GpuIds);

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

        foreach (var problem in NamedLabels.Select(label => LabelProblem(label.Name, label.Value)).OfType<string>().Take(1))
        {
            yield return new($"Agent__Labels is a list such as zone=eu,tier=gold: {problem}", [nameof(Labels)]);
        }

        if (DevicesProblem(NamedGpus) is { } wrong) { yield return new($"Agent__GpuIds is a list such as 0,1: {wrong}", [nameof(GpuIds)]); }

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

    /// <summary>What is wrong with a label; null when nothing is.</summary>
    internal static string? LabelProblem(string name, string value) =>
        !AgentLabels.IsName(name) ? $"a label's name has {AgentLabels.NameForm}"
        : name.StartsWith(AgentLabels.ReservedPrefix, StringComparison.Ordinal) ? $"names that begin with {AgentLabels.ReservedPrefix} are the system's"
        : !AgentLabels.IsValue(value) ? $"a label's value has {AgentLabels.ValueForm}"
        : null;

    /// <summary>What is wrong with names of devices; null when nothing is.</summary>
    internal static string? DevicesProblem(IReadOnlyList<string> devices) =>
        devices.Any(device => device is not { Length: > 0 and <= 64 } || !device.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-'))
            ? "a device's name has 1 to 64 characters from A-Z a-z 0-9 . _ : -"
            : devices.Distinct(StringComparer.Ordinal).Count() < devices.Count ? "each device once" : null;

    private static string[] Parts(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

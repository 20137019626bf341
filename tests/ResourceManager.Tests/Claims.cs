using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Claims and announcements with only what a test cares about.</summary>
internal static class Claims
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static ResourceClaim Of(
        string task,
        int attempt = 1,
        string type = "data.analysis",
        long memoryMib = 0,
        long gpus = 0,
        int priority = 2,
        int enqueuedS = 0,
        string? pin = null,
        string[]? excluded = null,
        string? avoid = null,
        PlacementRule? place = null)
    {
        var key = new AttemptKey(task, attempt);
        return new ResourceClaim
        {
            Attempt = key,
            TaskType = type,
            Wanted = new Quantities(1, 0, memoryMib, 0, gpus),
            Line = LineKey.Of(key, priority, Noon.AddSeconds(enqueuedS), null, TimeSpan.FromSeconds(60)),
            Pin = pin,
            Excluded = excluded ?? [],
            Avoid = avoid,
            Placement = place ?? PlacementRule.Anywhere,
        };
    }

    public static Announcement Agent(
        string id, long slots = 1, long memoryMib = 0, long gpus = 0, long incarnation = 1, params string[] types) =>
        new(id, incarnation, types.Length == 0 ? ["data.*"] : types, new Quantities(slots, 0, memoryMib, 0, gpus));

    public static PlacementRule Where(string label, string value, LabelOp op = LabelOp.Eq) =>
        new() { Constraints = [new LabelConstraint { Label = label, Op = op, Value = value }] };

    public static Announcement Labelled(this Announcement agent, params (string Name, string Value)[] labels) =>
        agent with { Labels = labels.ToDictionary(label => label.Name, label => label.Value) };

    public static AttemptKey Key(string task, int attempt = 1) => new(task, attempt);
}

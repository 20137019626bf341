using System.Globalization;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>One attempt's wish for room.</summary>
public sealed record ResourceClaim : IRoomDemand
{
    private Guid? _class;

    /// <summary>Whose wish.</summary>
    public required AttemptKey Attempt { get; init; }

    /// <summary>What the agent must be able to do.</summary>
    public required string TaskType { get; init; }

    /// <summary>How much.</summary>
    public required Quantities Wanted { get; init; }

    /// <summary>Its place in the line.</summary>
    public required LineKey Line { get; init; }

    /// <summary>The only agent that may take it.</summary>
    public string? Pin { get; init; }

    /// <summary>Agents that rejected it, in ordinal order: never these.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];

    /// <summary>The agent that failed it last: only if nothing else fits (reliability G12).</summary>
    public string? Avoid { get; init; }

    /// <summary>Labels that its agent must and should have.</summary>
    public PlacementRule Placement { get; init; } = PlacementRule.Anywhere;

    /// <summary>On whose account it goes: quotas and fair shares are counted by this.</summary>
    public string Requester { get; init; } = QuotaRules.Anonymous;

    /// <summary>The trace that it belongs to; continued when it is placed an hour later.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The reason code that was told last while it waits; empty before.</summary>
    public string Told { get; init; } = "";

    /// <summary>
    /// Claims of one class fit the same agents and go on the same account: when the first of them finds no room, none of them does. This is what makes
    /// 20,000 waiting claims of one kind as cheap as one.
    /// </summary>
    public Guid Class => _class ??= TaskKey.FromName(ClassName());

    // It is stored, so that the words must stay what they are; made in one go, because every claim makes its own.
    private string ClassName()
    {
        var excluded = Excluded.Count == 0 ? "" : string.Join(',', Excluded);
        var labels = Placement.Constraints.Count == 0 ? "" : "\n" + string.Join('\n', Placement.Constraints);
        var account = Requester == QuotaRules.Anonymous ? "" : "\nrequester ";
        var tenant = TenantNames.TenantOf(Attempt.TaskId) is var owner && owner == TenantNames.Default ? "" : "\ntenant " + owner;
        return string.Create(CultureInfo.InvariantCulture,
            $"{TaskType}\nQuantities {{ Slots = {Wanted.Slots}, CpuMilli = {Wanted.CpuMilli}, MemoryMib = {Wanted.MemoryMib}, "
            + $"StorageMib = {Wanted.StorageMib}, Gpus = {Wanted.Gpus} }}\n{Pin}\n{excluded}{labels}{account}{(account.Length == 0 ? "" : Requester)}{tenant}");
    }
}

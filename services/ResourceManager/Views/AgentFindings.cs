using System.Globalization;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>Why each agent does not take a claim now, and how many for the same cause. Pure.</summary>
public static class AgentFindings
{
    private const int HoldersMax = 10;

    // The nearest first: what stands there has a reason that may end sooner than what comes after it.
    private static readonly string[] Order =
        ["FITS", "RESERVED", "BUSY", "TOO_SMALL", "LABEL", "ON_HOLD", "QUARANTINED", "CORDONED", "DRAINING", "OFFLINE", "REJECTED", "NOT_ASKED", "OTHER_TYPE"];

    /// <summary>One finding per agent, the nearest fit first.</summary>
    public static IReadOnlyList<AgentFinding> Of(ResourceClaim claim, PoolSnapshot pool)
    {
        var held = pool.Held.ToLookup(reservation => reservation.AgentId, StringComparer.Ordinal);
        var endsBy = pool.Scene.EndsBy(claim, pool.Now);
        return
        [
            .. pool.Agents.Select(agent => Of(claim, agent, held[agent.Id], endsBy))
                .OrderBy(finding => Array.IndexOf(Order, finding.Code))
                .ThenBy(Distance)
                .ThenBy(finding => finding.AgentId, StringComparer.Ordinal),
        ];
    }

    /// <summary>How many agents share a cause; an agent that lacks two kinds, or two labels, counts for both.</summary>
    public static IReadOnlyList<AgentTally> Tally(IReadOnlyList<AgentFinding> findings) =>
    [
        .. findings
            .SelectMany(Causes)
            .GroupBy(cause => (cause.Code, cause.Kind, cause.Constraint))
            .OrderBy(group => Array.IndexOf(Order, group.Key.Code))
            .Select(group => new AgentTally
            {
                Code = group.Key.Code,
                Kind = group.Key.Kind,
                Constraint = group.Key.Constraint,
                Agents = group.Count(),
                Missing = group.Min(cause => cause.Missing),
            }),
    ];

    private static IEnumerable<(string Code, string? Kind, string? Constraint, double? Missing)> Causes(AgentFinding finding) =>
        finding.Short.Count > 0 ? finding.Short.Select(lack => (finding.Code, (string?)lack.Kind, (string?)null, (double?)lack.Missing))
        : finding.Unmet.Count > 0 ? finding.Unmet.Select(unmet => (finding.Code, (string?)null, (string?)unmet, (double?)null))
        : [(finding.Code, null, null, null)];

    /// <summary>The tally as one sentence: <c>memory short by 4 GiB on 3 agents; 2 draining</c>.</summary>
    public static string Sentence(IReadOnlyList<AgentTally> tally) =>
        tally.Count == 0 ? "no agent is known" : string.Join("; ", tally.Select(Sentence));

    private static string Sentence(AgentTally tally) => tally switch
    {
        { Code: "BUSY", Kind: "slot" } => $"every slot taken on {Agents(tally)}",
        { Code: "BUSY" } => $"{tally.Kind} short by {Amount(tally)} on {Agents(tally)}",
        { Code: "TOO_SMALL" } => $"{tally.Kind} too small by {Amount(tally)} on {Agents(tally)}",
        { Code: "LABEL" } => $"{tally.Agents} excluded by label {tally.Constraint}",
        { Code: "FITS" } => $"{Agents(tally)} with room",
        { Code: "RESERVED" } => $"room on {Agents(tally)} is kept for a larger task",
        { Code: "ON_HOLD" } => $"{tally.Agents} on hold after failures",
        { Code: "QUARANTINED" } => $"{tally.Agents} in quarantine after a silence",
        { Code: "CORDONED" } => $"{tally.Agents} cordoned",
        { Code: "DRAINING" } => $"{tally.Agents} draining",
        { Code: "OFFLINE" } => $"{tally.Agents} offline",
        { Code: "REJECTED" } => $"{tally.Agents} rejected it",
        { Code: "NOT_ASKED" } => $"{tally.Agents} not asked, because it is for another agent",
        _ => $"{tally.Agents} for other types",
    };

    private static AgentFinding Of(ResourceClaim claim, PoolAgent agent, IEnumerable<Reservation> held, DateTimeOffset? endsBy)
    {
        var code = Code(claim, agent, endsBy);
        var free = agent.Ledger.Free;
        return new AgentFinding
        {
            AgentId = agent.Id,
            Code = code,
            Short = code switch
            {
                "BUSY" => Shortages(claim.Wanted, free),
                "TOO_SMALL" => Shortages(claim.Wanted, agent.Ledger.Declared),
                _ => [],
            },
            Unmet = code == "LABEL" ? [.. claim.Placement.Unmet(agent).Select(constraint => constraint.ToString())] : [],
            Holders = code == "BUSY" ? [.. ResourceMatrix.Holders(held).Take(HoldersMax)] : [],
        };
    }

    private static string Code(ResourceClaim claim, PoolAgent agent, DateTimeOffset? endsBy) => AgentFit.Of(claim, agent) switch
    {
        Misfit.OtherType => "OTHER_TYPE",
        Misfit.NotAsked => "NOT_ASKED",
        Misfit.Rejected => "REJECTED",
        Misfit.Label => "LABEL",
        Misfit.TooSmall => "TOO_SMALL",
        _ when agent.Facts.Standing == Standing.Offline => "OFFLINE",
        _ when agent.Facts.Standing == Standing.Quarantined => "QUARANTINED",
        _ when agent.Facts.Standing == Standing.Draining || agent.Facts.Cordon is { Drains: true } => "DRAINING",
        _ when agent.Facts.Cordon is not null => "CORDONED",
        _ when !agent.TakesWork => "ON_HOLD",
        _ when claim.Wanted.FitsIn(agent.Ledger.Free) && agent.Facts.Earmark is { } kept && !kept.Lets(claim, endsBy) => "RESERVED",
        _ when claim.Wanted.FitsIn(agent.Ledger.Free) => "FITS",
        _ => "BUSY",
    };

    private static IReadOnlyList<ResourceShortage> Shortages(Quantities wanted, Quantities room) =>
    [
        .. Dimension.All.Where(dimension => dimension.Of(wanted) > dimension.Of(room)).Select(dimension => new ResourceShortage
        {
            Kind = dimension.Kind,
            Wanted = dimension.Outside(wanted),
            Available = dimension.Outside(room),
            Missing = dimension.Outside(wanted - room),
        }),
    ];

    // Shares of what is wanted, so that a GPU and a gibibyte can be compared.
    private static double Distance(AgentFinding finding) =>
        finding.Short.Sum(shortage => shortage.Missing / shortage.Wanted);

    private static string Amount(AgentTally tally) =>
        tally.Missing!.Value.ToString("0.###", CultureInfo.InvariantCulture) + tally.Kind switch
        {
            "memory" or "storage" => " GiB",
            "cpu" => tally.Missing == 1 ? " core" : " cores",
            _ => "",
        };

    private static string Agents(AgentTally tally) => tally.Agents == 1 ? "1 agent" : $"{tally.Agents} agents";
}

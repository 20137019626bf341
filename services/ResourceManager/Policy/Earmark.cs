using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Policy;

/// <summary>
/// Room of one agent that is kept for a claim which waits for more than anybody gives back at once. Others may pass it only if they end
/// before it can start, or take of what will be left beside it. Pure.
/// </summary>
public sealed record Earmark
{
    /// <summary>For whom, and its place in the line: who stands before it is not held back.</summary>
    public required LineKey Owner { get; init; }

    /// <summary>What will be free on the agent beside the owner when it starts; others may have it however long they run.</summary>
    public required Quantities Spare { get; init; }

    /// <summary>When enough is given back, if nine of ten run times hold; null when the history does not tell. It is never moved later.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>The room is being made for it by others: not even those before it in the line may have it.</summary>
    public bool IsMade { get; init; }

    /// <summary>Whether another claim may have room on the agent.</summary>
    /// <param name="claim">The claim; the agent has the room now.</param>
    /// <param name="endsBy">When it will have ended, in nine of ten cases; null when the history does not tell.</param>
    public bool Lets(ResourceClaim claim, DateTimeOffset? endsBy) =>
        claim.Attempt == Owner.Attempt || (!IsMade && claim.Line <= Owner) || Ends(endsBy) || claim.Wanted.FitsIn(Spare);

    /// <summary>The earmark once a claim has got room; null when it is over: its owner has its place, or one before it took what was kept.</summary>
    public Earmark? After(ResourceClaim claim, DateTimeOffset? endsBy) =>
        claim.Attempt == Owner.Attempt ? null
        : Ends(endsBy) ? this
        : claim.Wanted.FitsIn(Spare) ? this with { Spare = Spare - claim.Wanted }
        : null;

    private bool Ends(DateTimeOffset? endsBy) => StartsAt is { } start && endsBy <= start;
}

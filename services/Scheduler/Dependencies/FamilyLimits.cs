using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Scheduler.Dependencies;

/// <summary>How large a family may become.</summary>
/// <param name="ChildrenMax">Most children of one task, ended ones included.</param>
/// <param name="DescendantsMax">Most tasks below the one at its top, ended ones included.</param>
public readonly record struct FamilyLimits(int ChildrenMax, int DescendantsMax)
{
    /// <summary>Unless the operator says otherwise.</summary>
    public static FamilyLimits Default { get; } = new(FamilyRules.ChildrenMax, FamilyRules.DescendantsMax);
}

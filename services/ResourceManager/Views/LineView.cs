using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>The line, piece by piece. Pure.</summary>
public static class LineView
{
    /// <summary>Most entries of a piece.</summary>
    public const int LimitMax = 200;

    /// <summary>A piece of the line as others see it.</summary>
    public static WaitingPage Of(LineSnapshot seen, TimeSpan knownFor)
    {
        // Claims of one class wait for the same reason.
        var reasons = new Dictionary<Guid, WaitReason>();
        WaitReason Reason(ResourceClaim claim) => reasons.TryGetValue(claim.Class, out var known)
            ? known
            : reasons[claim.Class] = WaitExplainer.Reason(claim, seen.Pool.Agents, seen.Pool.Now, knownFor, seen.Pool.Scene);

        return new WaitingPage
        {
            Length = seen.Length,
            Entries = [.. seen.Claims.Select((claim, index) => Entry(claim, seen.Before + index + 1, Reason(claim)))],
            Next = seen.Claims.Count > 0 && seen.Before + seen.Claims.Count < seen.Length ? Place(seen.Claims[^1].Line) : null,
        };
    }

    /// <summary>A place as it travels.</summary>
    public static LinePlace Place(LineKey key) => new()
    {
        KeyUs = key.KeyUs,
        DeadlineUs = key.DeadlineUs,
        EnqueuedUs = key.EnqueuedUs,
        TaskId = key.Attempt.TaskId,
        Attempt = key.Attempt.Attempt,
    };

    /// <summary>A place that has travelled.</summary>
    public static LineKey Key(LinePlace place) =>
        new(place.KeyUs, place.DeadlineUs, place.EnqueuedUs, new AttemptKey(place.TaskId, place.Attempt));

    private static WaitingEntry Entry(ResourceClaim claim, int position, WaitReason reason) => new()
    {
        Position = position,
        TaskId = claim.Attempt.TaskId,
        Attempt = claim.Attempt.Attempt,
        TaskType = claim.TaskType,
        Wanted = claim.Wanted.AsCapacity(),
        ResponderAgentId = claim.Pin,
        EnqueuedAt = WaitExplainer.At(claim.Line.EnqueuedUs),
        OrderKey = WaitExplainer.At(claim.Line.KeyUs),
        HeadStartS = claim.Line.HeadStartUs / 1e6,
        Deadline = claim.Line.DeadlineUs == long.MaxValue ? null : WaitExplainer.At(claim.Line.DeadlineUs),
        Reason = reason,
    };
}

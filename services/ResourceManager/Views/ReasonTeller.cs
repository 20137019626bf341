using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>Which reason holds for each class of claims now, and how it is told. Pure.</summary>
public static class ReasonTeller
{
    /// <summary>The reason of each class; a class that is about to be placed has none.</summary>
    public static IReadOnlyList<ClassReason> Of(
        IEnumerable<ResourceClaim> heads, IReadOnlyCollection<PoolAgent> agents, DateTimeOffset now, TimeSpan knownFor,
        LineScene? scene = null) =>
    [
        .. heads.Select(head => (head.Class, Reason: WaitExplainer.Reason(head, agents, now, knownFor, scene)))
            .Where(one => one.Reason.Code != "PLACING")
            .Select(one => new ClassReason(one.Class, one.Reason.Code, one.Reason.Sentence)),
    ];

    /// <summary>
    /// Straight to the task: the allocation has nothing to do with it. The task ignores it when it waits no more, and knows older attempts.
    /// </summary>
    public static Outgoing Message(AttemptKey attempt, string? traceParent, ClassReason reason, TimeProvider clock) =>
        Outgoing.Command(
            Endpoints.Tasks,
            new ResourcesWaiting { TaskId = attempt.TaskId, Attempt = attempt.Attempt, Code = reason.Code, Reason = reason.Sentence },
            clock) with
        {
            TraceParent = traceParent,
        };
}

/// <summary>Why the claims of a class wait.</summary>
/// <param name="Class">The class.</param>
/// <param name="Code">Reason code.</param>
/// <param name="Sentence">For a person.</param>
public sealed record ClassReason(Guid Class, string Code, string Sentence);

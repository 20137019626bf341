using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk;

/// <summary>
/// The one interface an agent author implements. A handler may run more than once for one task (G4): key outside effects by
/// <see cref="TaskContext.TaskId"/>. One instance is made per attempt, in a scope of its own.
/// </summary>
/// <typeparam name="TIn">The parameters; its JSON Schema is announced.</typeparam>
/// <typeparam name="TOut">The result; at most 1 MiB as JSON.</typeparam>
public interface ITaskHandler<in TIn, TOut>
{
    /// <summary>
    /// Says no before any work starts: throws <see cref="TaskRejectedException"/>, which becomes <c>task.rejected</c>. Must answer
    /// within milliseconds, because the offer waits for it.
    /// </summary>
    void CanAccept(TIn parameters, OfferTask offer)
    {
    }

    /// <summary>How long the work will take at least, for the deadline check; null when that is not known beforehand.</summary>
    TimeSpan? Estimate(TIn parameters) => null;

    /// <summary>Does the work. Stops soon after <see cref="TaskContext.CancellationToken"/> fires.</summary>
    /// <exception cref="TaskFailedException">The work failed in a way the author foresaw.</exception>
    Task<TOut> Handle(TIn parameters, TaskContext context);
}

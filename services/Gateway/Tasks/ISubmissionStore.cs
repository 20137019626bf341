using A2A.Micro.Gateway.Batches;
using A2A.Micro.Gateway.Workflows;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Where accepted submissions are kept. Two implementations, held to one behaviour by the conformance suite. Whoever comes first
/// with an id or a key is remembered; everybody after that gets the first answer or a refusal.
/// </summary>
public interface ISubmissionStore
{
    /// <summary>
    /// Submission, key and outgoing command in one transaction; returns after the commit. Concurrent callers share transactions.
    /// </summary>
    Task<Acceptance> Accept(NewSubmission submission, CancellationToken cancellation);

    /// <summary>
    /// Many submissions, their key and their commands in one transaction of their own; returns after the commit. The commands are
    /// handed on in the order of the submissions, which saves work and on which nothing relies.
    /// </summary>
    Task<BatchAcceptance> AcceptBatch(NewBatch batch, CancellationToken cancellation);

    /// <summary>What was accepted under this id; null when nothing was.</summary>
    Task<SubmissionRow?> Find(string taskId, CancellationToken cancellation);

    /// <summary>The workflow that was accepted under this id, with the tasks of its batch; null when none was.</summary>
    Task<WorkflowRow?> FindWorkflow(string workflowId, CancellationToken cancellation);

    /// <summary>Accepted workflows of a tenant, the newest first, at most <paramref name="limit"/>; after this place, if it is not null.</summary>
    Task<IReadOnlyList<WorkflowRow>> ListWorkflows(
        string tenant, (DateTimeOffset CreatedAt, string WorkflowId)? after, int limit, CancellationToken cancellation);

    /// <summary>Deletes at most <paramref name="limit"/> keys that are worth nothing any more; returns how many.</summary>
    Task<int> PurgeKeys(int limit, CancellationToken cancellation);

    /// <summary>
    /// Forgets submissions older than this, at most <paramref name="limit"/>; how many. Their tasks are not touched; the same id is then judged
    /// like a new one, and the Scheduler knows better.
    /// </summary>
    Task<int> PurgeSubmissions(TimeSpan age, int limit, CancellationToken cancellation);
}

/// <summary>What became of a submission.</summary>
public abstract record Acceptance
{
    private Acceptance()
    {
    }

    /// <summary>The same under the ids that the tenant knows.</summary>
    public Acceptance Outside() => this switch
    {
        Taken(var row) => new Taken(row.Outside()),
        Repeated(var row) => new Repeated(row.Outside()),
        Replayed(var row) => new Replayed(row.Outside()),
        Conflicts(var taskId) => new Conflicts(Contracts.Wire.TenantNames.Outside(taskId)),
        _ => this,
    };

    /// <summary>New: it is stored and on its way.</summary>
    public sealed record Taken(SubmissionRow Submission) : Acceptance;

    /// <summary>The same id with the same body was here before: nothing happened again.</summary>
    public sealed record Repeated(SubmissionRow Submission) : Acceptance;

    /// <summary>The same key with the same body was here before: nothing happened again.</summary>
    public sealed record Replayed(SubmissionRow Submission) : Acceptance;

    /// <summary>The id belongs to a submission with another body.</summary>
    public sealed record Conflicts(string TaskId) : Acceptance;

    /// <summary>The key was used for another body.</summary>
    public sealed record KeyReused(string Key) : Acceptance;
}

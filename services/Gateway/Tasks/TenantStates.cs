using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Security.Identity;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>The public truth as the caller's tenant sees it: asked by its own ids, answered with them, and of nobody else's tasks.</summary>
public sealed class TenantStates(IStateQueries states) : IStateQueries
{
    /// <inheritdoc />
    public async Task<TaskDocument?> Find(string taskId, CancellationToken cancellation) =>
        await states.Find(Tenancy.In(taskId), cancellation).ConfigureAwait(false) is { } found ? Out(found) : null;

    /// <inheritdoc />
    public async Task<IReadOnlyList<TaskDocument>> Find(IReadOnlyList<string> taskIds, CancellationToken cancellation) =>
        Out(await states.Find([.. taskIds.Select(Tenancy.In)], cancellation).ConfigureAwait(false));

    /// <inheritdoc />
    public async Task<IReadOnlyList<TaskDocument>> Heads(IReadOnlyList<string> taskIds, CancellationToken cancellation) =>
        Out(await states.Heads([.. taskIds.Select(Tenancy.In)], cancellation).ConfigureAwait(false));

    /// <inheritdoc />
    public async Task<IReadOnlyList<TaskChange>> History(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
        Out(await states.History(Tenancy.In(taskId), afterVersion, limit, cancellation).ConfigureAwait(false));

    /// <inheritdoc />
    public async Task<IReadOnlyList<TaskChange>> Partials(string taskId, long afterVersion, int limit, CancellationToken cancellation) =>
        Out(await states.Partials(Tenancy.In(taskId), afterVersion, limit, cancellation).ConfigureAwait(false));

    /// <inheritdoc />
    public async Task<TaskPage> List(TaskFilter filter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var page = await states.List(filter with
        {
            Tenant = Caller.Current.Tenant,
            ParentTaskId = Tenancy.InOrNull(filter.ParentTaskId),
            After = filter.After is { } after ? after with { TaskId = Tenancy.In(after.TaskId) } : null,
        }, cancellation).ConfigureAwait(false);
        return page with
        {
            Tasks = Out(page.Tasks),
            Next = page.Next is { } next ? next with { TaskId = TenantNames.Outside(next.TaskId) } : null,
        };
    }

    /// <inheritdoc />
    public async Task<TaskTree?> Tree(string taskId, int limit, CancellationToken cancellation) =>
        await states.Tree(Tenancy.In(taskId), limit, cancellation).ConfigureAwait(false) is { } tree ? tree with { Tasks = Out(tree.Tasks) } : null;

    /// <summary>A document with the ids that its tenant knows.</summary>
    internal static TaskDocument Out(TaskDocument document) =>
        TenantNames.TenantOf(document.TaskId) == TenantNames.Default ? document : document.WithIds(TenantNames.Outside);

    private static IReadOnlyList<TaskDocument> Out(IReadOnlyList<TaskDocument> documents) =>
        Tenancy.IsDefault ? documents : [.. documents.Select(Out)];

    private static IReadOnlyList<TaskChange> Out(IReadOnlyList<TaskChange> changes) => Tenancy.IsDefault
        ? changes
        : [.. changes.Select(change => change with
        {
            TaskId = TenantNames.Outside(change.TaskId),
            CommandId = change.CommandId is { } command ? TenantNames.Outside(command) : null,
        })];
}

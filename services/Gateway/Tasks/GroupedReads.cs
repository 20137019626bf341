using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.Security.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Reads of single documents share a round trip to StateSync: what is asked while one is under way is asked together next. A lone read
/// goes at once.
/// </summary>
public sealed class GroupedReads : IAsyncDisposable
{
    // A result may have a mebibyte.
    private const int TogetherMax = 32;

    private readonly IServiceProvider _services;
    private readonly GroupCommit<string, TaskDocument?> _reads;

    /// <summary>Over the queries of this process.</summary>
    public GroupedReads(IServiceProvider services)
    {
        _services = services;
        _reads = new GroupCommit<string, TaskDocument?>(Read, TogetherMax, failsTogether: static _ => true);
    }

    /// <summary>The document of an inside id, or null when StateSync has not heard of the task yet.</summary>
    /// <exception cref="Contracts.Errors.ProtocolException">StateSync cannot be reached.</exception>
    public Task<TaskDocument?> Find(string taskId, CancellationToken cancellation) => _reads.Run(taskId, cancellation);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _reads.DisposeAsync();

    private async Task<IReadOnlyList<TaskDocument?>> Read(IReadOnlyList<string> taskIds, CancellationToken cancellation)
    {
        var byId = new Dictionary<string, TaskDocument>(StringComparer.Ordinal);
        foreach (var ofOne in taskIds.Distinct(StringComparer.Ordinal).GroupBy(TenantNames.TenantOf, StringComparer.Ordinal))
        {
            foreach (var document in await Read(ofOne.Key, [.. ofOne], cancellation).ConfigureAwait(false)) { byId[document.TaskId] = document; }
        }

        return [.. taskIds.Select(byId.GetValueOrDefault)];
    }

    // This flow serves whoever came first; each part of the work is done in the name of its own tenant.
    private async Task<IReadOnlyList<TaskDocument>> Read(string tenant, IReadOnlyList<string> taskIds, CancellationToken cancellation)
    {
        new Caller("reads", tenant, Scopes.TasksRead).Enter();
        return await _services.GetRequiredService<IStateQueries>().Find(taskIds, cancellation).ConfigureAwait(false);
    }
}

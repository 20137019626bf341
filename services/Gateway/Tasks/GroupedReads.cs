using A2A.Micro.Contracts.States;
using A2A.Micro.Persistence;
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

    /// <summary>The document, or null when StateSync has not heard of the task yet.</summary>
    /// <exception cref="Contracts.Errors.ProtocolException">StateSync cannot be reached.</exception>
    public Task<TaskDocument?> Find(string taskId, CancellationToken cancellation) => _reads.Run(taskId, cancellation);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _reads.DisposeAsync();

    private async Task<IReadOnlyList<TaskDocument?>> Read(IReadOnlyList<string> taskIds, CancellationToken cancellation)
    {
        var found = await _services.GetRequiredService<IStateQueries>()
            .Find([.. taskIds.Distinct(StringComparer.Ordinal)], cancellation).ConfigureAwait(false);
        var byId = found.ToDictionary(document => document.TaskId, StringComparer.Ordinal);
        return [.. taskIds.Select(byId.GetValueOrDefault)];
    }
}

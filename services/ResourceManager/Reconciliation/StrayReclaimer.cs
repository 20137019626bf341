using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Ledger;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager.Reconciliation;

/// <summary>
/// Compares what is held with where tasks are, and takes back what belongs to nobody: after two looks at the latest. Every instance does
/// it; taking back twice changes nothing.
/// </summary>
public sealed class StrayReclaimer(
    IPool pool, IServiceScopeFactory scopes, IOptions<ResourceManagerOptions> options, TimeProvider clock, ILogger<StrayReclaimer> log)
        : BackgroundService
{
    private const int TasksMax = 100;
    private HashSet<AttemptKey> _found = [];

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ReconcileInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                await Sweep(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async Task Sweep(CancellationToken stopping)
    {
        try
        {
            await Reclaim(stopping).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // StateSync may be away for a while; what is held stays held, and the next sweep asks again
        catch (Exception e) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            StrayReclaimerLog.Failed(log, e.Message);
        }
    }

    private async Task Reclaim(CancellationToken stopping)
    {
        var seen = await pool.Look(stopping).ConfigureAwait(false);
        // Only what is older than a sweep can have been forgotten.
        var old = seen.Held.Where(held => held.GrantedAt < seen.Now - options.Value.ReconcileInterval).Select(held => held.Attempt);
        var found = new Dictionary<AttemptKey, string>();
        foreach (var batch in old.Chunk(TasksMax))
        {
            var known = await Ask(batch, stopping).ConfigureAwait(false);
            foreach (var attempt in batch)
            {
                if (StrayRules.Reason(attempt, known.GetValueOrDefault(attempt.TaskId)) is { } reason) { found.Add(attempt, reason); }
            }
        }

        foreach (var (attempt, reason) in StrayRules.Proven(found, _found))
        {
            await TakeBack(attempt, reason, stopping).ConfigureAwait(false);
        }

        _found = [.. found.Keys];
    }

    private async Task<IReadOnlyDictionary<string, TaskAttempt>> Ask(AttemptKey[] attempts, CancellationToken stopping)
    {
        await using var scope = scopes.CreateAsyncScope();
        var client = scope.ServiceProvider.GetRequiredService<IRequestClient<ListAttempts>>();
        var question = new ListAttempts { TaskIds = [.. attempts.Select(attempt => attempt.TaskId)] };
        var answer = await client.GetResponse<AttemptList>(question, stopping).ConfigureAwait(false);
        return answer.Message.Tasks.ToDictionary(task => task.TaskId, StringComparer.Ordinal);
    }

    private async Task TakeBack(AttemptKey attempt, string reason, CancellationToken stopping)
    {
        await pool.Reclaim(attempt, reason, stopping).ConfigureAwait(false);
        PoolMetrics.Reclaimed(reason);
        StrayReclaimerLog.TookBack(log, attempt, reason);
        // The allocation ends as well; if this is lost, it only stays in a table as granted.
        await using var scope = scopes.CreateAsyncScope();
        var sends = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        var allocations = await sends.GetSendEndpoint(Endpoints.Address(Endpoints.Allocations)).ConfigureAwait(false);
        await allocations.Send(new ReleaseResources { TaskId = attempt.TaskId, Attempt = attempt.Attempt }, stopping).ConfigureAwait(false);
    }
}

internal static partial class StrayReclaimerLog
{
    [LoggerMessage(LogLevel.Warning, "{Attempt} still held room that belongs to nobody ({Reason}); it is taken back")]
    public static partial void TookBack(ILogger logger, AttemptKey attempt, string reason);

    [LoggerMessage(LogLevel.Information, "what is held could not be compared with where tasks are ({Why}); the next sweep tries again")]
    public static partial void Failed(ILogger logger, string why);
}

using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Views;
using A2A.Micro.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager.Reconciliation;

/// <summary>
/// Compares what is held, where tasks are and what agents say that they do, and takes back what belongs to nobody: after two looks at the
/// latest. Every instance does it; taking back twice changes nothing.
/// </summary>
public sealed class StrayReclaimer(
    IPool pool, IServiceScopeFactory scopes, IOptions<ResourceManagerOptions> options, TimeProvider clock,
        ILogger<StrayReclaimer> log)
        : BackgroundService
{
    private const int TasksMax = 100;
    private HashSet<AttemptKey> _found = [];
    private readonly SecondWord<AttemptKey> _forgotten = new();
    private readonly SecondWord<(string AgentId, AttemptKey Attempt)> _foreign = new();

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
        var old = seen.Held.Where(held => held.GrantedAt < seen.Now - options.Value.ReconcileInterval).ToList();
        var known = new Dictionary<string, TaskAttempt>(StringComparer.Ordinal);
        foreach (var batch in old.Chunk(TasksMax))
        {
            foreach (var task in await Ask(batch, stopping).ConfigureAwait(false)) { known[task.TaskId] = task; }
        }

        await CompareTasks(old, known, stopping).ConfigureAwait(false);
        await CompareReports(seen, known, stopping).ConfigureAwait(false);
    }

    private async Task CompareTasks(List<Reservation> old, Dictionary<string, TaskAttempt> known, CancellationToken stopping)
    {
        var found = new Dictionary<AttemptKey, string>();
        foreach (var held in old)
        {
            if (StrayRules.Reason(held.Attempt, known.GetValueOrDefault(held.Attempt.TaskId)) is { } reason) { found.Add(held.Attempt, reason); }
        }

        foreach (var (attempt, reason) in StrayRules.Proven(found, _found))
        {
            await TakeBack(attempt, reason, stopping).ConfigureAwait(false);
        }

        _found = [.. found.Keys];
    }

    private async Task CompareReports(PoolSnapshot seen, Dictionary<string, TaskAttempt> known, CancellationToken stopping)
    {
        foreach (var attempt in _forgotten.Proven(StrayRules.AllForgotten(seen, known, options.Value.ReportGrace)))
        {
            await pool.Revoke(attempt, StrayRules.Forgotten, stopping).ConfigureAwait(false);
            PoolMetrics.Reclaimed(StrayRules.Forgotten);
            StrayReclaimerLog.TookBack(log, attempt, StrayRules.Forgotten);
        }

        foreach (var (agent, attempt) in _foreign.Proven(StrayRules.Foreign(seen)))
        {
            await Withdraw(agent, attempt, stopping).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<TaskAttempt>> Ask(Reservation[] held, CancellationToken stopping)
    {
        await using var scope = scopes.CreateAsyncScope();
        var client = scope.ServiceProvider.GetRequiredService<IRequestClient<ListAttempts>>();
        var question = new ListAttempts { TaskIds = [.. held.Select(one => one.Attempt.TaskId)] };
        var answer = await client.Ask<ListAttempts, AttemptList>(question, stopping).ConfigureAwait(false);
        return answer.Tasks;
    }

    private async Task Withdraw(string agentId, AttemptKey attempt, CancellationToken stopping)
    {
        StrayReclaimerLog.Withdrew(log, agentId, attempt);
        await using var scope = scopes.CreateAsyncScope();
        var sends = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        var control = await sends.GetSendEndpoint(Endpoints.Address(Endpoints.AgentControl(agentId))).ConfigureAwait(false);
        await control.Send(new TaskWithdrawn { TaskId = attempt.TaskId, Attempt = attempt.Attempt, Reason = "NOT_OWNER" }, CancellationToken.None)
            .WaitAsync(stopping).ConfigureAwait(false);
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
        await allocations.Send(new ReleaseResources { TaskId = attempt.TaskId, Attempt = attempt.Attempt }, CancellationToken.None)
            .WaitAsync(stopping).ConfigureAwait(false);
    }
}

internal static partial class StrayReclaimerLog
{
    [LoggerMessage(LogLevel.Warning, "{Attempt} still held room that belongs to nobody ({Reason}); it is taken back")]
    public static partial void TookBack(ILogger logger, AttemptKey attempt, string reason);

    [LoggerMessage(LogLevel.Warning, "{AgentId} works on {Attempt} and holds no room for it; it is told to stop")]
    public static partial void Withdrew(ILogger logger, string agentId, AttemptKey attempt);

    [LoggerMessage(LogLevel.Information, "what is held could not be compared with where tasks are ({Why}); the next sweep tries again")]
    public static partial void Failed(ILogger logger, string why);
}

using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Persistence.Timers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Tells the ResourceManager, which keeps the history of denials, what was refused here because nobody could ever run it: every second, added up, so
/// that no refusal waits for the broker and a caller who tries again and again costs one message. Who ends loses its last second.
/// </summary>
public sealed class Refusals(IServiceScopeFactory scopes, TimeProvider clock, ILogger<Refusals> log)
    : PeriodicDuty(TimeSpan.FromSeconds(1), clock, log)
{
    // Types that are made up fit patterns of agents: beyond so many in a second they are not told apart any more.
    private const int KindsMax = 100;
    private const string Others = "a2a.others";

    private readonly Lock _lock = new();
    private readonly Dictionary<(string TaskType, string Code, string Missing), (long Count, string LastTaskId)> _counts = [];

    /// <summary>A submission was refused; null: not for this.</summary>
    public void Note(RefusedSubmission? refused)
    {
        if (refused is not null) { Add((refused.TaskType, refused.Why.Code, refused.Why.Missing), 1, Tenancy.In(refused.TaskId)); }
    }

    /// <inheritdoc />
    protected override async Task Round(CancellationToken cancellation)
    {
        while (Take() is var (kind, count, lastTaskId))
        {
            try
            {
                await Tell(kind, count, lastTaskId, cancellation).ConfigureAwait(false);
            }
            catch
            {
                Add(kind, count, lastTaskId);
                throw;
            }
        }
    }

    private async Task Tell((string TaskType, string Code, string Missing) kind, long count, string lastTaskId, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var sends = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        var resources = await sends.GetSendEndpoint(Endpoints.Address(Endpoints.Resources)).ConfigureAwait(false);
        await resources.Send(new SubmissionsRefused
        {
            TaskType = kind.TaskType,
            Code = kind.Code,
            Dimension = kind.Missing,
            Count = count,
            LastTaskId = lastTaskId,
        }, cancellation).ConfigureAwait(false);
    }

    private void Add((string TaskType, string Code, string Missing) kind, long count, string lastTaskId)
    {
        lock (_lock)
        {
            if (_counts.Count >= KindsMax && !_counts.ContainsKey(kind)) { kind.TaskType = Others; }
            _counts[kind] = (_counts.GetValueOrDefault(kind).Count + count, lastTaskId);
        }
    }

    private ((string TaskType, string Code, string Missing) Kind, long Count, string LastTaskId)? Take()
    {
        lock (_lock)
        {
            foreach (var (kind, (count, lastTaskId)) in _counts)
            {
                _ = _counts.Remove(kind);
                return (kind, count, lastTaskId);
            }

            return null;
        }
    }
}

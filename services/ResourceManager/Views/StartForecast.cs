using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>
/// When a claim that waits will have its place: the line is played forward three times, with run times that are short, usual and long.
/// Work whose run time is not known never ends in this play, so an estimate never rests on it. Pure. Quotas
/// count; it does not know who joins the line later and goes first, and says nothing when more than <see cref="WaitSnapshot.AheadMax"/> stand before.
/// </summary>
public static class StartForecast
{
    private const int TypesMax = 16;

    /// <summary>The estimate; null when nothing can be said.</summary>
    public static StartEstimate? Of(WaitSnapshot seen, IReadOnlyDictionary<string, TypeRunTime> runTimes)
    {
        if (seen.AheadCount > seen.Ahead.Count) { return null; }
        var starts = new[]
        {
            Play(seen, runTimes, times => times.P05S),
            Play(seen, runTimes, times => times.P50S),
            Play(seen, runTimes, times => times.P95S),
        };
        if (starts.Any(start => start is null)) { return null; }
        // Longer work before it may let it start earlier, when it makes others go elsewhere: the band is still a band.
        DateTimeOffset[] times = [.. starts.Select(start => start!.Value.At).Order()];
        return new StartEstimate { Earliest = times[0], Likely = times[1], Latest = times[2], AgentId = starts[1]!.Value.AgentId };
    }

    /// <summary>Types that matter for the estimate and whose run times are not among those given, by name; at most 16.</summary>
    public static IReadOnlyList<string> Wanted(WaitSnapshot seen, IReadOnlyDictionary<string, TypeRunTime> runTimes)
    {
        var agents = seen.Pool.Agents.Where(agent => WaitSnapshot.MayServe(agent, seen.Claim)).Select(agent => agent.Id)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. seen.Pool.Held.Where(held => agents.Contains(held.AgentId!) || (seen.IsLimited && held.Requester == seen.Claim.Requester))
                .Select(held => held.TaskType).Concat(seen.Rivals.Concat(seen.OwnAhead).Select(claim => claim.TaskType))
                .OfType<string>().Distinct().Where(type => !runTimes.ContainsKey(type))
                .Order(StringComparer.Ordinal).Take(TypesMax),
        ];
    }

    private static (DateTimeOffset At, string AgentId)? Play(
        WaitSnapshot seen, IReadOnlyDictionary<string, TypeRunTime> runTimes, Func<TypeRunTime, double> which)
    {
        var stage = new Stage(seen, type => type is not null && runTimes.TryGetValue(type, out var times)
            ? TimeSpan.FromSeconds(Math.Clamp(which(times), 0, TimeSpan.SecondsPerDay * 365))
            : null);
        foreach (var agent in stage.Agents)
        {
            if (stage.Offer(agent, seen.Pool.Now)) { return (seen.Pool.Now, agent.Id); }
        }

        while (stage.NextEnd() is var (agent, at, free))
        {
            if (stage.Offer(agent, at)) { return (at, agent.Id); }
            // Somebody's quota has room again, wherever that may be used.
            foreach (var other in free ? stage.Agents : [])
            {
                if (stage.Offer(other, at)) { return (at, other.Id); }
            }
        }

        return null;
    }

    // What is free and what ends when, while the line is played.
    private sealed class Stage
    {
        private readonly Dictionary<string, Quantities> _free;
        private readonly Dictionary<string, Earmark> _kept = new(StringComparer.Ordinal);
        private readonly PriorityQueue<(PoolAgent Agent, Quantities Held, string Requester), DateTimeOffset> _ends = new();
        private readonly Dictionary<string, Quantities> _use;
        private readonly QuotaRules _quotas;
        private readonly WaitingLine _line = new();
        private readonly ResourceClaim _last;
        private readonly Func<string?, TimeSpan?> _runTime;

        public Stage(WaitSnapshot seen, Func<string?, TimeSpan?> runTime)
        {
            (_last, _runTime, _quotas) = (seen.Claim, runTime, seen.Pool.Scene.Rules.Quotas);
            _use = seen.Pool.Scene.Use.ToDictionary(StringComparer.Ordinal);
            Agents = [.. seen.Pool.Agents.Where(agent => agent.Facts.Standing == Standing.Online)];
            // Below zero on an agent that has become smaller than what runs on it.
            _free = Agents.ToDictionary(agent => agent.Id, agent => agent.Ledger.Declared - agent.Ledger.Used, StringComparer.Ordinal);
            foreach (var agent in Agents)
            {
                if (agent.Facts.Earmark is { } kept) { _kept.Add(agent.Id, kept); }
            }

            var byId = Agents.ToDictionary(agent => agent.Id, StringComparer.Ordinal);
            foreach (var held in seen.Pool.Held)
            {
                if (!byId.TryGetValue(held.AgentId!, out var agent)) { continue; }
                EndLater(agent, held.Held, held.Requester, held.TaskType, held.GrantedAt, seen.Pool.Now);
            }

            foreach (var claim in seen.Rivals.Concat(seen.OwnAhead).Append(seen.Claim)) { _ = _line.Add(claim); }
        }

        public IReadOnlyList<PoolAgent> Agents { get; }

        /// <summary>What ends next, and whether that makes room in a quota.</summary>
        public (PoolAgent Agent, DateTimeOffset At, bool FreesQuota)? NextEnd()
        {
            if (!_ends.TryDequeue(out var end, out var at)) { return null; }
            _free[end.Agent.Id] += end.Held;
            _use[end.Requester] = _use.GetValueOrDefault(end.Requester) - end.Held;
            return (end.Agent, at, _quotas.Of(end.Requester).Ceiling is not null);
        }

        /// <summary>Offers the room of an agent to the line in its order; true when the last of the line has its place.</summary>
        public bool Offer(PoolAgent agent, DateTimeOffset at)
        {
            var found = false;
            _line.Offer(claim =>
            {
                if (found || !WaitSnapshot.MayServe(agent, claim) || !claim.Wanted.FitsIn(_free[agent.Id])) { return false; }
                var use = _use.GetValueOrDefault(claim.Requester);
                if (!_quotas.Of(claim.Requester).Lets(use, claim.Wanted)) { return false; }
                DateTimeOffset? ends = _runTime(claim.TaskType) is { } runs ? at + runs : null;
                if (_kept.TryGetValue(agent.Id, out var kept))
                {
                    if (!kept.Lets(claim, ends)) { return false; }
                    if (kept.After(claim, ends) is { } after) { _kept[agent.Id] = after; }
                    else { _ = _kept.Remove(agent.Id); }
                }

                found = claim.Attempt == _last.Attempt;
                _free[agent.Id] -= claim.Wanted;
                _use[claim.Requester] = use + claim.Wanted;
                EndLater(agent, claim.Wanted, claim.Requester, claim.TaskType, at, at);
                return true;
            });
            return found;
        }

        private void EndLater(PoolAgent agent, Quantities held, string requester, string? type, DateTimeOffset since, DateTimeOffset now)
        {
            if (_runTime(type) is not { } runs) { return; }
            // What has run longer than its kind usually does may end any moment.
            var end = since + runs;
            _ends.Enqueue((agent, held, requester), end > now ? end : now);
        }
    }
}

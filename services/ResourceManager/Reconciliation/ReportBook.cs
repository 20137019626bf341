using System.Collections.Concurrent;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Reconciliation;

/// <summary>
/// What agents said last that they work on, as far as this instance heard it. Another instance may have heard later ones, so that whoever goes by
/// it waits for a second word: with several instances what is wrong is found later, and never sooner. Safe for many threads.
/// </summary>
public sealed class ReportBook(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, AgentReport> _last = new(StringComparer.Ordinal);

    /// <summary>The last word of each agent.</summary>
    public IReadOnlyCollection<AgentReport> Last => [.. _last.Values];

    /// <summary>An agent said what it works on.</summary>
    public void Hear(string agentId, long incarnation, IEnumerable<AttemptKey> running)
    {
        var report = new AgentReport(agentId, incarnation, clock.GetUtcNow(), running.ToHashSet());
        _ = _last.AddOrUpdate(agentId, report, (_, known) => known.Incarnation > incarnation ? known : report);
    }

    /// <summary>Forgets what was said by agents that are not there any more.</summary>
    public void Keep(IReadOnlySet<string> agents)
    {
        foreach (var agent in _last.Keys.Where(agent => !agents.Contains(agent))) { _ = _last.TryRemove(agent, out _); }
    }
}

/// <summary>What an agent said that it works on.</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="Incarnation">Which start of its process spoke.</param>
/// <param name="At">When, by the clock of this process.</param>
/// <param name="Running">The attempts.</param>
public sealed record AgentReport(string AgentId, long Incarnation, DateTimeOffset At, IReadOnlySet<AttemptKey> Running);

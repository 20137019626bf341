using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Who the agents are, and whether they get work: what they say about themselves, what operators say, and what their silence says.</summary>
/// <param name="books">Agents and what is held on them.</param>
/// <param name="line">Who waits.</param>
/// <param name="dealer">Deals what becomes free.</param>
internal sealed class AgentRoll(Books books, WaitingLine line, Dealer dealer)
{
    private PoolChanges Changes => books.Changes;

    /// <summary>An agent says what it is.</summary>
    public PoolAnswer.Done Announce(Announcement said, DateTimeOffset now)
    {
        if (books.Agents.TryGetValue(said.Id, out var agent))
        {
            var before = agent.Facts;
            var same = said.Incarnation == before.Incarnation;
            if (said.Incarnation < before.Incarnation || (same && before.Departed)) { return PoolAnswer.Done.Instance; }
            if (!same) { Revoke(agent, "AGENT_RESTARTED", now); }
            var standing = !same ? Standing.Online
                : before.Standing == Standing.Draining ? Standing.Draining
                : before.QuarantinedUntil > now ? Standing.Quarantined
                : Standing.Online;
            agent.Facts = AgentFacts.Of(said, standing, now) with
            {
                Cordon = before.Cordon,
                Conduct = before.Conduct,
                Earmark = before.Earmark,
                QuarantinedUntil = standing == Standing.Quarantined ? before.QuarantinedUntil : null,
            };
            if (said.Capacity != agent.Ledger.Declared) { books.Keep(agent, null); }
            agent.Resize(said.Capacity, said.Devices);
            books.Sort(agent);
        }
        else
        {
            agent = new PoolAgent(AgentFacts.Of(said, Standing.Online, now), new AgentLedger(said.Capacity, devices: said.Devices));
            books.Load(agent);
        }

        _ = Changes.Agents.Add(said.Id);
        Changes.Announced[said.Id] = said;
        dealer.Offer(agent, now);
        dealer.OfferToLimited(now);
        return PoolAnswer.Done.Instance;
    }

    /// <summary>An agent is alive.</summary>
    public PoolAnswer.Heard Beat(PoolOperation.Beat said, DateTimeOffset now)
    {
        if (!books.Agents.TryGetValue(said.AgentId, out var agent) || agent.Facts.Incarnation < said.Incarnation)
        {
            return new PoolAnswer.Heard(false);
        }

        // The older process of a restarted agent: its successor is registered and needs no reminder.
        if (agent.Facts.Incarnation > said.Incarnation) { return new PoolAnswer.Heard(true); }
        if (agent.Facts.Standing == Standing.Offline) { return new PoolAnswer.Heard(agent.Facts.Departed); }
        // The next sweep ends a quarantine, because it offers the room to the whole line.
        var acquitted = said.Running is { Count: 0 } && agent.Facts.QuarantinedUntil > now;
        agent.Facts = agent.Facts with { LastSeenAt = now, QuarantinedUntil = acquitted ? now : agent.Facts.QuarantinedUntil };
        _ = Changes.Agents.Add(said.AgentId);
        if (said.Running is { } running) { Changes.Reports[said.AgentId] = new AgentReport(said.AgentId, said.Incarnation, now, running.ToHashSet()); }
        return new PoolAnswer.Heard(true);
    }

    /// <summary>An agent takes no more.</summary>
    public PoolAnswer.Done Drain(string agentId, long incarnation, DateTimeOffset now)
    {
        if (Current(agentId, incarnation) is { Facts.Standing: Standing.Online or Standing.Quarantined } agent)
        {
            agent.Facts = agent.Facts with { Standing = Standing.Draining, LastSeenAt = now, QuarantinedUntil = null };
            _ = Changes.Agents.Add(agentId);
        }

        return PoolAnswer.Done.Instance;
    }

    /// <summary>An operator says whether an agent gets work.</summary>
    public PoolAnswer.Heard Steer(PoolOperation.Steer said, DateTimeOffset now)
    {
        if (!books.Agents.TryGetValue(said.AgentId, out var agent)) { return new PoolAnswer.Heard(false); }
        var drains = said.Action == SteerAction.Drain;
        agent.Facts = agent.Facts with
        {
            Conduct = said.Action == SteerAction.Uncordon ? null : agent.Facts.Conduct,
            Cordon = said.Action == SteerAction.Uncordon ? null : new AgentCordon
            {
                Drains = drains,
                Reason = said.Reason,
                Since = agent.Facts.Cordon is { } before && before.Drains == drains ? before.Since : now,
            },
        };
        _ = Changes.Agents.Add(agent.Id);
        dealer.Offer(agent, now);
        return new PoolAnswer.Heard(true);
    }

    /// <summary>An agent ends in good order.</summary>
    public PoolAnswer.Done Leave(string agentId, long incarnation, DateTimeOffset now)
    {
        if (Current(agentId, incarnation) is { Facts.Departed: false } agent)
        {
            agent.Facts = agent.Facts with { Standing = Standing.Offline, Departed = true, LastSeenAt = now, QuarantinedUntil = null };
            Revoke(agent, "AGENT_LEFT", now);
            dealer.OfferToLimited(now);
        }

        return PoolAnswer.Done.Instance;
    }

    /// <summary>Agents that were silent for too long lose what they hold; then the whole line is tried.</summary>
    public PoolAnswer.Reaped Reap(TimeSpan lease, DateTimeOffset now)
    {
        var silent = books.Agents.Values
            .Where(agent => agent.Facts.Standing != Standing.Offline && agent.Facts.LastSeenAt < now - lease)
            .ToList();
        foreach (var agent in silent)
        {
            var draining = agent.Facts.Standing == Standing.Draining;
            if (!draining && agent.Ledger.Holds.Count > 0)
            {
                var lost = $"it was silent for {lease} and has lost {agent.Ledger.Holds.Count} tasks";
                books.Note("quarantineAgent", agent.Id, null, lost + "; when it comes back it gets no work before it says that it does nothing", now);
            }

            // One that was draining has no reason to come back under this incarnation. One that held something may still be at it when it does.
            agent.Facts = agent.Facts with
            {
                Standing = Standing.Offline,
                Departed = draining,
                QuarantinedUntil = draining ? null : agent.Ledger.Holds.Count > 0 ? now + lease : agent.Facts.QuarantinedUntil,
            };
            Revoke(agent, "AGENT_SILENT", now);
        }

        foreach (var agent in books.Agents.Values)
        {
            if (agent.Facts.Standing != Standing.Quarantined || agent.Facts.QuarantinedUntil > now) { continue; }
            agent.Facts = agent.Facts with { Standing = Standing.Online, QuarantinedUntil = null };
            _ = Changes.Agents.Add(agent.Id);
        }

        var sweep = new Sweep(books, line, dealer);
        sweep.End(now);
        dealer.OfferAll(now);
        sweep.KeepRoom(now);
        return new PoolAnswer.Reaped(silent.Count, line.Count,
            books.Agents.Values.Aggregate(Quantities.None, (sum, agent) => sum + agent.Ledger.Used));
    }

    private void Revoke(PoolAgent agent, string code, DateTimeOffset now)
    {
        _ = Changes.Agents.Add(agent.Id);
        foreach (var attempt in agent.Ledger.Holds.Keys.ToList()) { books.Revoke(books.Reservations[attempt], code, now); }
    }

    private PoolAgent? Current(string agentId, long incarnation) =>
        books.Agents.TryGetValue(agentId, out var agent) && agent.Facts.Incarnation == incarnation ? agent : null;
}

using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.ResourceManager.Views;

/// <summary>Agents by kinds of resource, and who holds them. Pure.</summary>
public static class ResourceMatrix
{
    /// <summary>The matrix.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="lease">How long an agent may be silent.</param>
    public static ResourceList Of(PoolSnapshot pool, TimeSpan lease)
    {
        var held = pool.Held.ToLookup(reservation => reservation.AgentId, StringComparer.Ordinal);
        var online = pool.Agents.Where(agent => agent.Facts.Standing == Standing.Online).ToList();
        return new ResourceList
        {
            At = pool.Now,
            Totals = Kinds(
                Sum(online, ledger => ledger.Declared), Sum(online, ledger => ledger.Used), Sum(online, ledger => ledger.Free)),
            Agents =
            [
                .. pool.Agents.OrderBy(agent => agent.Id, StringComparer.Ordinal).Select(agent => new AgentResources
                {
                    AgentId = agent.Id,
                    State = agent.Facts.State,
                    LeaseUntil = agent.Facts.Standing == Standing.Offline ? null : agent.Facts.LastSeenAt + lease,
                    Resources = Kinds(agent.Ledger.Declared, agent.Ledger.Used, agent.Ledger.Free),
                    Devices = Devices(agent, held[agent.Id]),
                    Holders = [.. Holders(held[agent.Id])],
                }),
            ],
        };
    }

    /// <summary>Who holds room, the longest first.</summary>
    public static IEnumerable<RoomHolder> Holders(IEnumerable<Reservation> held) => held
        .OrderBy(reservation => reservation.GrantedAt)
        .ThenBy(reservation => reservation.Attempt.TaskId, StringComparer.Ordinal)
        .Select(reservation => new RoomHolder
        {
            TaskId = reservation.Attempt.TaskId,
            Attempt = reservation.Attempt.Attempt,
            TaskType = reservation.TaskType,
            Since = reservation.GrantedAt,
            Resources = reservation.Held.On(reservation.AgentId!, reservation.GpuIds),
        });

    /// <summary>The devices that an agent names, and those still held although it names them no more; null when there are none.</summary>
    public static IReadOnlyList<DeviceHolder>? Devices(PoolAgent agent, IEnumerable<Reservation> held)
    {
        var holders = held.SelectMany(one => one.GpuIds.Select(device => (device, one.Attempt)))
            .ToDictionary(hold => hold.device, hold => hold.Attempt, StringComparer.Ordinal);
        IReadOnlyList<DeviceHolder> devices =
        [
            .. agent.Ledger.Devices.Union(holders.Keys).Select(device => holders.TryGetValue(device, out var attempt)
                ? new DeviceHolder { DeviceId = device, TaskId = attempt.TaskId, Attempt = attempt.Attempt }
                : new DeviceHolder { DeviceId = device }),
        ];
        return devices.Count > 0 ? devices : null;
    }

    // Capacity is what was declared, not the books' own measure, which grows with what is held.
    private static IReadOnlyList<ResourceKind> Kinds(Quantities capacity, Quantities used, Quantities free) =>
    [
        .. Dimension.All.Select(dimension => new ResourceKind
        {
            Kind = dimension.Kind,
            Capacity = dimension.Outside(capacity),
            Used = dimension.Outside(used),
            Free = dimension.Outside(free),
        }),
    ];

    private static Quantities Sum(List<PoolAgent> agents, Func<AgentLedger, Quantities> what) =>
        agents.Aggregate(Quantities.None, (sum, agent) => sum + what(agent.Ledger));
}

using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>Whether an agent gets work.</summary>
public enum Standing
{
    /// <summary>Gone, or silent for longer than its lease.</summary>
    Offline = 0,

    /// <summary>Gets work.</summary>
    Online,

    /// <summary>Finishes what it has and gets no more.</summary>
    Draining,

    /// <summary>Came back from a silence during which it lost work that it may still do; gets none until it says that it does nothing.</summary>
    Quarantined,
}

/// <summary>What is known about an agent besides its books.</summary>
public sealed record AgentFacts
{
    /// <summary>The agent.</summary>
    public required string Id { get; init; }

    /// <summary>Which start of its process is registered.</summary>
    public required long Incarnation { get; init; }

    /// <summary>Whether it gets work.</summary>
    public required Standing Standing { get; init; }

    /// <summary>This incarnation has said good-bye; a late announcement of it is an echo.</summary>
    public bool Departed { get; init; }

    /// <summary>Types and patterns it handles.</summary>
    public required IReadOnlyList<string> TaskTypes { get; init; }

    /// <summary>What tasks may ask for.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = AgentLabels.None;

    /// <summary>When it was last heard, by the clock of the store.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>Version of its program.</summary>
    public string? ProgramVersion { get; init; }

    /// <summary>It takes offers in company.</summary>
    public bool TakesBulk { get; init; }

    /// <summary>An operator keeps it from getting work.</summary>
    public AgentCordon? Cordon { get; init; }

    /// <summary>How its last attempts ended; null: nothing to say against it.</summary>
    public AgentConduct? Conduct { get; init; }

    /// <summary>For whom its room is kept; null: for nobody.</summary>
    public Earmark? Earmark { get; init; }

    /// <summary>It lost work by its silence, and until then it may be at it still (reliability G7b); null: nothing of the kind.</summary>
    public DateTimeOffset? QuarantinedUntil { get; init; }

    /// <summary>Where it stands, as others see it.</summary>
    public string State => (Standing == Standing.Online && Cordon is { Drains: true } ? Standing.Draining : Standing).Word();

    /// <summary>What it announced, as it said it; only in the in-memory pool, the other one leaves it in its table.</summary>
    public string CapabilitiesJson { get; init; } = "[]";

    /// <summary>Whether only what passes by itself is another than in these: when it was heard, and what is kept on it.</summary>
    public bool IsShapedLike(AgentFacts other) =>
        ReferenceEquals(TaskTypes, other.TaskTypes) && ReferenceEquals(Labels, other.Labels) && ProgramVersion == other.ProgramVersion
        && Standing == other.Standing && Cordon == other.Cordon && Conduct?.HeldUntil == other.Conduct?.HeldUntil;

    /// <summary>What an announcement makes known.</summary>
    public static AgentFacts Of(Announcement said, Standing standing, DateTimeOffset now) => new()
    {
        Id = said.Id,
        Incarnation = said.Incarnation,
        Standing = standing,
        TaskTypes = said.TaskTypes,
        Labels = said.Labels ?? AgentLabels.None,
        LastSeenAt = now,
        ProgramVersion = said.ProgramVersion,
        TakesBulk = said.TakesBulk,
        CapabilitiesJson = said.CapabilitiesJson,
    };
}

/// <summary>One agent of the pool: facts and books.</summary>
/// <param name="facts">What is known about it.</param>
/// <param name="ledger">Who holds what on it.</param>
public sealed class PoolAgent(AgentFacts facts, AgentLedger ledger) : IAgentShape
{
    private const int ClassesMax = 10_000;

    private readonly Dictionary<Guid, bool> _fits = [];

    /// <summary>What is known about it.</summary>
    public AgentFacts Facts
    {
        get;
        set
        {
            var same = field.IsShapedLike(value);
            field = value;
            if (!same) { Reshaped(); }
        }
    } = facts;

    /// <summary>Who holds what on it.</summary>
    public AgentLedger Ledger { get; } = ledger;

    /// <summary>Goes on when the agent becomes another one; null where nobody minds.</summary>
    internal FleetClock? Clock { get; set; }

    /// <summary>Where it stands among those with a slot free; -1 when it has none. The books keep it.</summary>
    internal int OpenAt { get; set; } = -1;

    /// <summary>Its id.</summary>
    public string Id => Facts.Id;

    /// <summary>Whether it gets work at all.</summary>
    public bool TakesWork => Facts is { Standing: Standing.Online, Cordon: null, Conduct: null or { HeldUntil: null } };

    string IAgentShape.AgentId => Facts.Id;

    IReadOnlyList<string> IAgentShape.TaskTypes => Facts.TaskTypes;

    IReadOnlyDictionary<string, string> IAgentShape.Labels => Facts.Labels;

    string? IAgentShape.Version => Facts.ProgramVersion;

    Quantities IAgentShape.Size => Ledger.Declared;

    /// <summary>Whether it could take a claim if it were idle: <see cref="AgentFit"/>, asked once for each class of claims.</summary>
    public bool Fits(ResourceClaim claim)
    {
        if (_fits.TryGetValue(claim.Class, out var fits)) { return fits; }
        if (_fits.Count >= ClassesMax) { _fits.Clear(); }
        return _fits[claim.Class] = AgentFit.Of(claim, this) == Misfit.None;
    }

    /// <summary>It has another size now, or other devices.</summary>
    public void Resize(Quantities declared, IReadOnlyList<string>? devices)
    {
        Ledger.Resize(declared, devices);
        Reshaped();
    }

    private void Reshaped()
    {
        _fits.Clear();
        Clock?.Tick();
    }

    /// <summary>Whether it counts when feasibility is judged: it is here, or was heard since then and may come back.</summary>
    public bool CountsSince(DateTimeOffset knownSince) => Facts.Standing == Standing.Online || Facts.LastSeenAt >= knownSince;
}

/// <summary>An announcement in the ledger's own terms.</summary>
/// <param name="Id">The agent.</param>
/// <param name="Incarnation">Which start of its process speaks.</param>
/// <param name="TaskTypes">Types and patterns it handles.</param>
/// <param name="Capacity">What it can hold.</param>
/// <param name="CapabilitiesJson">Its capabilities with their schemas, kept for whoever asks.</param>
/// <param name="ProgramVersion">Version of its program.</param>
/// <param name="Labels">What tasks may ask for; null: nothing.</param>
/// <param name="Devices">Its GPUs by name; null: by their numbers.</param>
/// <param name="TakesBulk">It takes offers in company.</param>
public sealed record Announcement(
    string Id,
    long Incarnation,
    IReadOnlyList<string> TaskTypes,
    Quantities Capacity,
    string CapabilitiesJson = "[]",
    string? ProgramVersion = null,
    IReadOnlyDictionary<string, string>? Labels = null,
    IReadOnlyList<string>? Devices = null,
    bool TakesBulk = false) : IAgentShape
{
    string IAgentShape.AgentId => Id;

    IReadOnlyDictionary<string, string> IAgentShape.Labels => Labels ?? AgentLabels.None;

    string? IAgentShape.Version => ProgramVersion;

    Quantities IAgentShape.Size => Capacity;
}

using A2A.Micro.Contracts.Tasks;

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

    /// <summary>When it was last heard, by the clock of the store.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>Version of its program.</summary>
    public string? ProgramVersion { get; init; }

    /// <summary>What it announced, as it said it; only in the in-memory pool, the other one leaves it in its table.</summary>
    public string CapabilitiesJson { get; init; } = "[]";

    /// <summary>What an announcement makes known.</summary>
    public static AgentFacts Of(Announcement said, bool draining, DateTimeOffset now) => new()
    {
        Id = said.Id,
        Incarnation = said.Incarnation,
        Standing = draining ? Standing.Draining : Standing.Online,
        TaskTypes = said.TaskTypes,
        LastSeenAt = now,
        ProgramVersion = said.ProgramVersion,
        CapabilitiesJson = said.CapabilitiesJson,
    };
}

/// <summary>One agent of the pool: facts and books.</summary>
/// <param name="facts">What is known about it.</param>
/// <param name="ledger">Who holds what on it.</param>
public sealed class PoolAgent(AgentFacts facts, AgentLedger ledger)
{
    /// <summary>What is known about it.</summary>
    public AgentFacts Facts { get; set; } = facts;

    /// <summary>Who holds what on it.</summary>
    public AgentLedger Ledger { get; } = ledger;

    /// <summary>Its id.</summary>
    public string Id => Facts.Id;

    /// <summary>Whether it does this kind of work.</summary>
    public bool Covers(string taskType) => Facts.TaskTypes.Any(pattern => TypePattern.Covers(pattern, taskType));
}

/// <summary>An announcement in the ledger's own terms.</summary>
/// <param name="Id">The agent.</param>
/// <param name="Incarnation">Which start of its process speaks.</param>
/// <param name="TaskTypes">Types and patterns it handles.</param>
/// <param name="Capacity">What it can hold.</param>
/// <param name="CapabilitiesJson">Its capabilities with their schemas, kept for whoever asks.</param>
/// <param name="ProgramVersion">Version of its program.</param>
public sealed record Announcement(
    string Id,
    long Incarnation,
    IReadOnlyList<string> TaskTypes,
    Quantities Capacity,
    string CapabilitiesJson = "[]",
    string? ProgramVersion = null);

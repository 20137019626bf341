namespace A2A.Micro.Persistence;

/// <summary>Where facts are kept.</summary>
public enum StoreKind
{
    /// <summary>Inside the process; lost when it ends.</summary>
    InMemory,

    /// <summary>PostgreSQL 15 or newer.</summary>
    Postgres,
}

using Npgsql;

namespace A2A.Micro.Persistence;

/// <summary>Tells a database that is away from a statement that failed.</summary>
public static class DatabaseOutage
{
    /// <summary>
    /// The connection broke, could not be made or did not answer, or the server is ending, starting or full: whoever asks next fails the same
    /// way. A lost race (deadlock, serialisation) and a row that is refused belong to the one who caused it.
    /// </summary>
    public static bool Is(Exception exception) => exception switch
    {
        PostgresException refused => refused.SqlState[..2] is "08" or "53" or "57",
        NpgsqlException { IsTransient: true } => true,
        // Several hosts, and none of them will do.
        NpgsqlException { InnerException: AggregateException } => true,
        _ => false,
    };
}

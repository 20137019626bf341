using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.States;
using A2A.Micro.ResourceManager.Policy;
using Npgsql;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>An attempt that ended by itself: what there is to learn from about agents and types. Nothing is written for it; the reservations tell.</summary>
/// <param name="AgentId">Where it ran.</param>
/// <param name="TaskType">What it did.</param>
/// <param name="Took">How long it held its room.</param>
/// <param name="Reason">How it ended: <see cref="Reservation.Succeeded"/>, <see cref="Reservation.Failed"/>, or not known.</param>
public sealed record EndedAttempt(string AgentId, string TaskType, TimeSpan Took, string Reason)
{
    /// <summary>Most attempts that are looked at for the records of agents: those that ended last, in the whole fleet.</summary>
    public const int SampleMax = 5_000;

    // And for the run times of types, once in the life of a process.
    private const int LessonMax = 20_000;

    private const string Schema = ResourceManagerDb.SchemaName;

    private static readonly string Select =
        $"""
        SELECT agent_id, task_type, released_at - granted_at, release_reason FROM (
          SELECT agent_id, task_type, released_at, granted_at, release_reason FROM {Schema}.reservation
          WHERE released_at IS NOT NULL ORDER BY released_at DESC LIMIT $1) latest
        WHERE agent_id IS NOT NULL AND task_type IS NOT NULL
          AND release_reason IN ('{Reservation.Succeeded}', '{Reservation.Failed}', '{Pool.GivenBack}')
        """;

    /// <summary>How the attempts of each agent went.</summary>
    public static IReadOnlyDictionary<string, AgentRecord> Records(IEnumerable<EndedAttempt> ended) => ended
        .GroupBy(one => one.AgentId, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => Record([.. group]), StringComparer.Ordinal);

    /// <summary>What a reservation tells; null while it holds, and where it ended otherwise.</summary>
    public static EndedAttempt? Of(Reservation held) =>
        held is { ReleasedAt: { } at, AgentId: { } agent, TaskType: { } type, ReleaseReason: { } reason } && Reservation.EndedByItself(reason)
            ? new EndedAttempt(agent, type, at - held.GrantedAt, reason)
            : null;

    /// <summary>The latest of them, from the database.</summary>
    internal static NpgsqlBatchCommand Latest(int most = SampleMax) =>
        new(Select) { Parameters = { new NpgsqlParameter<int> { TypedValue = most } } };

    /// <summary>Reads one.</summary>
    internal static EndedAttempt Read(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetTimeSpan(2), row.GetString(3));

    /// <summary>Learns run times from those that ended before this process began, so that they survive a restart.</summary>
    internal static async Task Teach(RunTimes runTimes, NpgsqlDataSource source, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand("SELECT 1"), Latest(LessonMax) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var ended = await PoolReader.Rows(reader, Read, cancellation).ConfigureAwait(false);
        // The oldest first: what is old counts less.
        for (var i = ended.Count - 1; i >= 0; i--) { runTimes.Add(ended[i].TaskType, ended[i].Took); }
    }

    private static AgentRecord Record(List<EndedAttempt> all)
    {
        var (succeeded, failed) = (all.Count(one => one.Reason == Reservation.Succeeded), all.Count(one => one.Reason == Reservation.Failed));
        return new AgentRecord
        {
            Attempts = all.Count,
            SuccessRate = succeeded + failed == 0 ? null : Math.Round(succeeded / (double)(succeeded + failed), 4),
            RunS = DurationFigures.Of(all.Select(one => one.Took.TotalSeconds)),
        };
    }
}

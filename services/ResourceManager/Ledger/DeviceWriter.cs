using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.ResourceManager.Ledger;

/// <summary>
/// Keeps the table of held devices, whose key is agent and device: what the code should never ask, two attempts on one device, the database
/// refuses (reliability G6). Only what is different after the round is written, whatever happened within it.
/// </summary>
internal static class DeviceWriter
{
    private const string Schema = ResourceManagerDb.SchemaName;

    private const string DeleteHolds =
        $"""
        DELETE FROM {Schema}.device_hold h USING unnest($1::text[], $2::text[], $3::text[], $4::int[]) AS d (agent_id, device_id, task_id, attempt)
        WHERE h.agent_id = d.agent_id AND h.device_id = d.device_id AND h.task_id = d.task_id AND h.attempt = d.attempt
        """;

    private const string InsertHolds =
        $"""
        INSERT INTO {Schema}.device_hold (agent_id, device_id, task_id, attempt)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[])
        """;

    /// <summary>Devices that were held before the round and given back in it: their first movement is a return.</summary>
    public static IReadOnlyCollection<Hold> Freed(IReadOnlyList<LedgerEntry> entries) =>
        [.. Moves(entries).Select(moves => moves.First()).Where(move => !move.IsTaken).Select(move => move.Hold)];

    /// <summary>Devices that are held after the round and were taken in it: their last movement is a taking.</summary>
    public static IReadOnlyCollection<Hold> Taken(IReadOnlyList<LedgerEntry> entries) =>
        [.. Moves(entries).Select(moves => moves.Last()).Where(move => move.IsTaken).Select(move => move.Hold)];

    /// <summary>Removes holds.</summary>
    public static NpgsqlBatchCommand Delete(IReadOnlyCollection<Hold> holds) => Command(DeleteHolds, holds);

    /// <summary>Adds holds.</summary>
    public static NpgsqlBatchCommand Insert(IReadOnlyCollection<Hold> holds) => Command(InsertHolds, holds);

    private static IEnumerable<IEnumerable<(Hold Hold, bool IsTaken)>> Moves(IReadOnlyList<LedgerEntry> entries) => entries
        .SelectMany(entry => entry.Devices.Select(device => (Hold: new Hold(entry.AgentId, device, entry.Attempt), IsTaken: entry.TakesDevices)))
        .GroupBy(move => (move.Hold.AgentId, move.Hold.DeviceId));

    private static NpgsqlBatchCommand Command(string sql, IReadOnlyCollection<Hold> holds)
    {
        var command = new NpgsqlBatchCommand(sql);
        SqlQuantities.Add(command, holds.Select(hold => hold.AgentId));
        SqlQuantities.Add(command, holds.Select(hold => hold.DeviceId));
        SqlQuantities.Add(command, holds.Select(hold => hold.Attempt.TaskId));
        SqlQuantities.Add(command, holds.Select(hold => hold.Attempt.Attempt), NpgsqlDbType.Integer);
        return command;
    }

    /// <summary>One device in one hand.</summary>
    internal sealed record Hold(string AgentId, string DeviceId, AttemptKey Attempt);
}

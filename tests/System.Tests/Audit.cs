using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.System.Tests;

/// <summary>What must hold when everything has come to rest, whatever happened before.</summary>
internal static class Audit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private const string LedgerThatDoesNotAddUp = """
        select count(*) from (
          select l.*, a.declared_slots, sum(delta_slots) over w as slots, sum(delta_cpu_milli) over w as cpu,
                 sum(delta_memory_mib) over w as memory, sum(delta_storage_mib) over w as storage, sum(delta_gpus) over w as gpus
          from resource_manager.ledger l join resource_manager.agent a on a.id = l.agent_id
          window w as (partition by agent_id order by seq)) replayed
        where slots <> used_after_slots or slots not between 0 and declared_slots
           or cpu <> used_after_cpu_milli or cpu not between 0 and cap_after_cpu_milli
           or memory <> used_after_memory_mib or memory not between 0 and cap_after_memory_mib
           or storage <> used_after_storage_mib or storage not between 0 and cap_after_storage_mib
           or gpus <> used_after_gpus or gpus not between 0 and cap_after_gpus
        """;

    // Each attempt took its room once, and gave back what it took.
    private const string AttemptsThatDoNotAddUp = """
        select count(*) from (
          select 1 from resource_manager.ledger where task_id <> '' group by task_id, attempt, agent_id
          having sum(delta_slots) <> 0 or sum(delta_cpu_milli) <> 0 or sum(delta_memory_mib) <> 0 or sum(delta_storage_mib) <> 0
              or sum(delta_gpus) <> 0 or count(*) filter (where delta_slots > 0) <> 1) unequal
        """;

    // Reliability I10, G21: after the end of a task its room is taken for 60 s at most, whatever was down meanwhile.
    private const string RoomHeldTooLong = """
        select count(*) from resource_manager.reservation r join state_sync.task_state t using (task_id)
        where r.agent_id is not null and r.released_at > t.ended_at + interval '60 s'
        """;

    // Reliability I9, as far as the story of the tasks tells it: who ran on an agent at the same time fitted its slots. Only attempts that had a
    // result, and kept their room until then: of one whose room was taken back, because its agent was silent or came back as another start of itself,
    // the story says so later than the agent's next one begins, or not at all when its result came first.
    // A story that was told while StateSync was down is written down later than it happened, so nobody counts beyond the end of its room.
    private const string RanBesideTooMany = """
        with steps as (
          select task_id, at, change::json ->> 'state' as state, (change::json ->> 'attempt')::int as attempt, change::json ->> 'agent_id' as agent_id,
                 lead(at) over (partition by task_id order by version) as until,
                 lead(change::json ->> 'state') over (partition by task_id order by version) as next
          from state_sync.state_change),
        spans as (
          select task_id, attempt, max(steps.agent_id) as agent_id, min(at) as began, least(max(until), max(r.released_at)) as ended
          from steps join resource_manager.reservation r using (task_id, attempt)
          where state = 'running' and r.release_reason = 'SUCCEEDED' group by task_id, attempt having bool_or(next = 'completed'))
        select count(*) from (
          select one.task_id from spans one join spans other on other.agent_id = one.agent_id
            and other.began <= one.began and other.ended > one.began
          join resource_manager.agent a on a.id = one.agent_id
          group by one.task_id, one.attempt, a.declared_slots having count(*) > a.declared_slots) crowded
        """;

    private const string WaitingToBeSent = """
        select (select count(*) from gateway.outbox) + (select count(*) from scheduler.outbox)
             + (select count(*) from resource_manager.outbox) + (select count(*) from state_sync.outbox)
        """;

    /// <summary>Every one of them completed, once, with a history without gaps; and nothing is left over anywhere.</summary>
    public static Task EveryTaskCompletedOnce(this RunningSystem system, IReadOnlyCollection<string> taskIds) =>
        system.EveryTaskEndedOnce(taskIds.ToDictionary(id => id, _ => "completed"));

    /// <summary>Every one of them ended as expected, once, with a history without gaps; and nothing is left over anywhere.</summary>
    public static async Task EveryTaskEndedOnce(this RunningSystem system, IReadOnlyDictionary<string, string> expected)
    {
        await system.NoneIsOpen([.. expected.Keys]);
        var wrong = new List<string>();
        await Parallel.ForEachAsync(expected, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (one, cancel) =>
        {
            var task = await system.Ended(one.Key);
            var offence = Offence(task, await system.History(one.Key), one.Value);
            if (offence is not null) { lock (wrong) { wrong.Add($"{one.Key}: {offence}"); } }
        });
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {expected.Count}: {string.Join("\n", wrong.Take(10))}{system.Tails()}");
        await system.NothingIsLeft();
    }

    /// <summary>No room is taken, no message is left lying, the books add up.</summary>
    public static async Task NothingIsLeft(this RunningSystem system)
    {
        _ = await Eventually.Seen(
            cancel => system.Get("/v1/agents", cancel),
            list => list.GetProperty("agents").EnumerateArray().All(IsIdle),
            "no agent has anything reserved", list => list + system.Tails(), Patience);
        await system.Counts(0, "select count(*) from resource_manager.reservation where released_at is null");
        await system.Counts(0, "select count(*) from resource_manager.claim");
        await system.Counts(0, WaitingToBeSent);
        await system.Counts(0, LedgerThatDoesNotAddUp);
        await system.Counts(0, AttemptsThatDoNotAddUp);
        await system.Counts(0, RoomHeldTooLong);
        await system.Counts(0, RanBesideTooMany);
        // The Gateway takes what could not be handled out of the error queues.
        await system.Counts(0, "select count(*) from gateway.dead_letter");
        _ = await Eventually.Seen(
            async _ => await Queues(system), queues => queues.All(queue => queue.Messages == 0),
            "every queue is empty", queues => string.Join(", ", queues.Where(queue => queue.Messages > 0)), Patience);
    }

    /// <summary>
    /// The first attempt of a task lost its room within 30 s of its agent's death, and tasks give theirs back within 2 s of their end: by the times that
    /// the ledger and the documents have written down, and in the middle, because a machine that stands still says nothing about the system.
    /// </summary>
    public static async Task RoomCameBack(this RunningSystem system, string taskId, DateTime died)
    {
        // The result may be read a moment before the room is given back.
        await system.Counts(0, $"select count(*) from resource_manager.reservation where task_id = '{taskId}' and released_at is null");
        var lost = await system.Database.Read<DateTime>($"""
            select released_at from resource_manager.reservation where task_id = '{taskId}' and attempt = 1 and release_reason = 'AGENT_SILENT'
            """);
        Assert.InRange((lost - died).TotalSeconds, 0, 30);
        var returned = await system.Database.Read<double>("""
            select percentile_cont(0.5) within group (order by extract(epoch from r.released_at - t.ended_at)::float8)
            from resource_manager.reservation r join state_sync.task_state t using (task_id, attempt) where t.state = 'completed'
            """);
        Assert.InRange(returned, -2, 2);
    }

    /// <summary>Ends what an earlier test left open, so that its failure stays its own.</summary>
    public static async Task EndWhatIsOpen(this RunningSystem system)
    {
        if ((await system.Open(null)).Length == 0) { return; }
        using var cancel = await system.Http.PostAsJsonAsync("/v1/tasks:cancel", new { filter = new { }, reason = "left over" });
        Assert.True(cancel.IsSuccessStatusCode, await cancel.Content.ReadAsStringAsync());
        await system.NoneIsOpen(null);
    }

    // One look at all of them in place of a look at each.
    private static Task NoneIsOpen(this RunningSystem system, string[]? ids) => Eventually.Seen(
        cancel => system.Open(ids, cancel), open => open.Length == 0, "no task is open", open => open + system.Tails(), Patience);

    private static async Task<string> Open(this RunningSystem system, string[]? ids, CancellationToken cancel = default)
    {
        await using var command = system.Database.Source.CreateCommand("""
            select coalesce(string_agg(state || ' ' || n || ', of which ' || example, '; ' order by state), '') from (
              select state, count(*) as n, min(task_id || ': ' || document) as example from state_sync.task_state
              where state not in ('completed', 'failed', 'cancelled', 'rejected', 'expired') and ($1 is null or task_id = any($1))
              group by state) open
            """);
        _ = command.Parameters.Add(new NpgsqlParameter { Value = (object?)ids ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return (string)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static string? Offence(JsonElement task, IReadOnlyList<JsonElement> history, string expected = "completed")
    {
        var versions = history.Select(change => change.Whole("version")).ToArray();
        if (task.Text("state") != expected) { return task.ToString(); }
        if (!versions.SequenceEqual(Enumerable.Range(1, versions.Length).Select(n => (long)n)))
        {
            return $"versions {string.Join(' ', versions)}";
        }

        // The task ended once and stays ended. Only what was said before the end may follow it.
        var ends = history.Count(Json.IsEnd);
        return ends == 1 && history[^1].Ended() && task.Whole("version") == versions[^1]
            ? null
            : $"{ends} ends, the document is at {task.Text("version")} of {versions[^1]}";
    }

    private static bool IsIdle(JsonElement agent) =>
        agent.GetProperty("used").EnumerateObject().All(amount => amount.Value.GetDouble() == 0);

    private static Task Counts(this RunningSystem system, long wanted, string sql) => Eventually.Seen(
        cancel => system.Database.Read<long>(sql, cancel), count => count == wanted, $"{wanted} = {sql}",
        count => count + system.Tails(), Patience);

    private static async Task<IReadOnlyList<(string Name, int Messages)>> Queues(RunningSystem system) =>
    [
        .. from line in (await RabbitBroker.Control("list_queues", "-p", system.VirtualHost, "name", "messages")).Split('\n')
           let cells = line.Trim().Split('\t')
           where cells.Length == 2 && int.TryParse(cells[1], CultureInfo.InvariantCulture, out _)
           select (cells[0], int.Parse(cells[1], CultureInfo.InvariantCulture)),
    ];
}

using A2A.Micro.Contracts.Wire;
using Npgsql;
using NpgsqlTypes;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>The statements of <see cref="PostgresWebhookStore"/>, and rows as they are read.</summary>
internal static class WebhookSql
{
    public const string Columns = "webhook_id, url, events, task_types, requesters, description, state, reason, secret, old_secret, old_secret_until, "
        + "failing_since, revision, created_at, updated_at";

    public const string DeliveryColumns = "delivery_id, webhook_id, event_id, event_type, task_id, state, tries, attempts, next_at, last_status, "
        + "last_error, created_at, updated_at";

    // The lock makes the count true: two that come at once would both find room.
    public const string Insert = $"""
        INSERT INTO gateway.webhook ({Columns})
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
        WHERE (SELECT count(*) FROM gateway.webhook WHERE gateway.is_of_tenant(webhook_id, $17)) < $16
        """;

    public const string Replace = """
        UPDATE gateway.webhook SET url = $2, events = $3, task_types = $4, requesters = $5, description = $6, state = $7, reason = $8, secret = $9,
          old_secret = $10, old_secret_until = $11, failing_since = $12, revision = $13, updated_at = $15
        WHERE webhook_id = $1 AND revision = $13 - 1
        """;

    public const string InsertDeliveries = """
        INSERT INTO gateway.webhook_delivery (delivery_id, webhook_id, event_id, event_type, task_id, body, state, next_at, created_at, updated_at)
        SELECT new.delivery_id, new.webhook_id, new.event_id, new.event_type, new.task_id, new.body, 'pending', $7, $7, $7
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
          AS new (delivery_id, webhook_id, event_id, event_type, task_id, body)
        WHERE EXISTS (SELECT FROM gateway.webhook WHERE webhook.webhook_id = new.webhook_id FOR KEY SHARE)
        ON CONFLICT (delivery_id) DO NOTHING
        """;

    public const string Take = """
        WITH due AS (
          SELECT first.delivery_id FROM gateway.webhook
          LEFT JOIN unnest($1::text[], $2::integer[]) AS busy (webhook_id, count) ON busy.webhook_id = webhook.webhook_id
          CROSS JOIN LATERAL (
            SELECT delivery_id FROM gateway.webhook_delivery
            WHERE webhook_delivery.webhook_id = webhook.webhook_id AND state = 'pending' AND next_at <= $4
            ORDER BY next_at LIMIT greatest(0, $3 - coalesce(busy.count, 0)) FOR UPDATE SKIP LOCKED) AS first
          WHERE webhook.state = 'active')
        UPDATE gateway.webhook_delivery SET next_at = $5 FROM due WHERE webhook_delivery.delivery_id = due.delivery_id
        RETURNING webhook_delivery.delivery_id, webhook_id, event_id, event_type, task_id, state, tries, attempts, next_at, last_status, last_error,
          created_at, updated_at, body
        """;

    // What got through once is never undone by an attempt that came later and failed; the log has both.
    public const string Settle = """
        WITH settled AS (
          UPDATE gateway.webhook_delivery SET
            attempts = attempts + 1,
            state = CASE WHEN state = 'pending' THEN $2 ELSE state END, tries = CASE WHEN state = 'pending' THEN $3 ELSE tries END,
            next_at = CASE WHEN state = 'pending' THEN $4 ELSE next_at END, last_status = CASE WHEN state = 'pending' THEN $5 ELSE last_status END,
            last_error = CASE WHEN state = 'pending' THEN $6 ELSE last_error END, updated_at = $7
          WHERE delivery_id = $1 RETURNING delivery_id, attempts)
        INSERT INTO gateway.webhook_attempt (delivery_id, number, at, status, error, duration_ms)
        SELECT delivery_id, attempts, $8, $5, $6, $9 FROM settled
        """;

    public const string SettleWebhook = """
        UPDATE gateway.webhook SET state = $2, reason = $3, failing_since = $4, updated_at = $5 WHERE webhook_id = $1
        """;

    public const string List = $"""
        SELECT {DeliveryColumns}, '' FROM gateway.webhook_delivery
        WHERE webhook_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR task_id = $3)
          AND ($4::timestamptz IS NULL OR created_at >= $4)
          AND ($5::timestamptz IS NULL OR created_at < $5 OR (created_at = $5 AND delivery_id COLLATE "C" > $6))
        ORDER BY created_at DESC, delivery_id COLLATE "C" LIMIT $7
        """;

    public const string Replay = """
        UPDATE gateway.webhook_delivery SET state = 'pending', tries = 0, next_at = $3, updated_at = $3
        WHERE webhook_id = $1 AND delivery_id = ANY ($2)
        """;

    public const string Backlog = """
        SELECT count(*), min(next_at) FILTER (WHERE next_at <= $1) FROM gateway.webhook_delivery AS delivery
        JOIN gateway.webhook ON webhook.webhook_id = delivery.webhook_id AND webhook.state = 'active' WHERE delivery.state = 'pending'
        """;

    public const string DisableOverfull = """
        UPDATE gateway.webhook SET state = 'disabled', reason = $2, updated_at = $3
        WHERE state = 'active' AND (
          SELECT count(*) FROM gateway.webhook_delivery AS delivery
          WHERE delivery.webhook_id = webhook.webhook_id AND delivery.state = 'pending') > $1
        """;

    public const string Delete = """
        DELETE FROM gateway.webhook_delivery WHERE delivery_id IN (
          SELECT delivery_id FROM gateway.webhook_delivery WHERE state <> 'pending' AND updated_at < $1 LIMIT $2)
        """;

    public static string Overfull(int most) => $"More than {most} deliveries wait for it.";

    public static NpgsqlParameter[] Parameters(WebhookRow row) =>
    [
        Text(row.WebhookId), Text(row.Url), Texts(row.Events), Texts(row.TaskTypes), Texts(row.Requesters), Text(row.Description),
        Text(row.State.Word()), Text(row.Reason), Text(row.Secret), Text(row.OldSecret), Time(row.OldSecretUntil), Time(row.FailingSince),
        new NpgsqlParameter<long> { TypedValue = row.Revision }, Time(row.CreatedAt), Time(row.UpdatedAt),
    ];

    public static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter Number(int? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer };

    public static NpgsqlParameter Texts(IEnumerable<string?> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    public static NpgsqlParameter Time(DateTimeOffset? value) =>
        new() { Value = (object?)value?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    public static WebhookRow Webhook(NpgsqlDataReader reader) => new()
    {
        WebhookId = reader.GetString(0),
        Url = reader.GetString(1),
        Events = reader.GetFieldValue<string[]>(2),
        TaskTypes = reader.GetFieldValue<string[]>(3),
        Requesters = reader.GetFieldValue<string[]>(4),
        Description = TextAt(reader, 5),
        State = WireWord.Parse<WebhookState>(reader.GetString(6)),
        Reason = TextAt(reader, 7),
        Secret = reader.GetString(8),
        OldSecret = TextAt(reader, 9),
        OldSecretUntil = TimeAt(reader, 10),
        FailingSince = TimeAt(reader, 11),
        Revision = reader.GetInt64(12),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(13),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(14),
    };

    public static DeliveryRow Delivery(NpgsqlDataReader reader) => new()
    {
        DeliveryId = reader.GetString(0),
        WebhookId = reader.GetString(1),
        EventId = reader.GetString(2),
        EventType = reader.GetString(3),
        TaskId = TextAt(reader, 4),
        State = WireWord.Parse<DeliveryState>(reader.GetString(5)),
        Tries = reader.GetInt32(6),
        Attempts = reader.GetInt32(7),
        NextAt = TimeAt(reader, 8),
        LastStatus = reader.IsDBNull(9) ? null : reader.GetInt32(9),
        LastError = TextAt(reader, 10),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(11),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(12),
        Body = reader.GetString(13),
    };

    public static string? TextAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static DateTimeOffset? TimeAt(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}

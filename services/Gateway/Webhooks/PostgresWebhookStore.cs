using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security;
using Npgsql;
using static A2A.Micro.Gateway.Webhooks.WebhookSql;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>Webhooks in PostgreSQL, shared by all Gateways: what one of them takes the others skip.</summary>
public sealed class PostgresWebhookStore(NpgsqlDataSource database, WebhookVault vault, TimeProvider clock) : IWebhookStore
{
    /// <inheritdoc />
    public async Task<bool> Add(WebhookRow webhook, int most, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await Lock(connection, "SHARE ROW EXCLUSIVE", cancellation).ConfigureAwait(false);
        var added = await Execute(
            connection, Insert, cancellation, [.. Parameters(vault.Hide(webhook)), Number(most), Text(TenantNames.TenantOf(webhook.WebhookId))])
            .ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return added == 1;
    }

    /// <inheritdoc />
    public async Task<WebhookRow?> Find(string webhookId, CancellationToken cancellation) =>
        await Own("WHERE webhook_id = $1", cancellation, Text(webhookId)).ConfigureAwait(false) is [var webhook] ? webhook : null;

    /// <inheritdoc />
    public Task<IReadOnlyList<WebhookRow>> List(string tenant, CancellationToken cancellation) =>
        Own("WHERE gateway.is_of_tenant(webhook_id, $1) ORDER BY created_at, webhook_id COLLATE \"C\"", cancellation, Text(tenant));

    /// <inheritdoc />
    public async Task<bool> IsAnyActive(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("SELECT EXISTS (SELECT FROM gateway.webhook WHERE state = 'active')");
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is true;
    }

    /// <inheritdoc />
    public async Task<bool> Replace(WebhookRow webhook, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        return await Execute(WebhookSql.Replace, cancellation, Parameters(vault.Hide(webhook))).ConfigureAwait(false) == 1;
    }

    /// <summary>Brings secrets under the master key of now; how many were under another one, or under none.</summary>
    public async Task<int> Rewrap(CancellationToken cancellation)
    {
        if (vault.Current is not { } current) { return 0; }
        var stale = new List<(string Id, string Secret)>();
        await using (var read = database.CreateCommand(
            "SELECT webhook_id, secret FROM gateway.webhook WHERE NOT starts_with(secret, $1) OR NOT starts_with(coalesce(old_secret, $1), $1)"))
        {
            _ = read.Parameters.Add(Text(current));
            await using var row = await read.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            while (await row.ReadAsync(cancellation).ConfigureAwait(false)) { stale.Add((row.GetString(0), row.GetString(1))); }
        }

        var count = 0;
        foreach (var (id, before) in stale)
        {
            if (await Find(id, cancellation).ConfigureAwait(false) is not { } webhook) { continue; }
            var now = vault.Hide(webhook);
            // Whoever changed it meanwhile has wrapped it anew.
            count += await Execute(
                "UPDATE gateway.webhook SET secret = $2, old_secret = $3 WHERE webhook_id = $1 AND secret = $4", cancellation,
                Text(id), Text(now.Secret), Text(now.OldSecret), Text(before)).ConfigureAwait(false);
        }

        return count;
    }

    /// <inheritdoc />
    public async Task<bool> Remove(string webhookId, CancellationToken cancellation) =>
        await Execute("DELETE FROM gateway.webhook WHERE webhook_id = $1", cancellation, Text(webhookId)).ConfigureAwait(false) == 1;

    /// <inheritdoc />
    public async Task<int> Record(IReadOnlyList<TaskEvent> events, CancellationToken cancellation)
    {
        var webhooks = await Webhooks("WHERE state = 'active'", cancellation).ConfigureAwait(false);
        var deliveries = WebhookRules.Deliveries(webhooks, events, clock.GetUtcNow());
        return deliveries.Count == 0 ? 0 : await Keep(deliveries, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<bool> Enqueue(DeliveryRow delivery, CancellationToken cancellation) =>
        await Keep([delivery], cancellation).ConfigureAwait(false) == 1;

    /// <inheritdoc />
    public async Task<IReadOnlyList<(WebhookRow Webhook, DeliveryRow Delivery)>> TakeDue(
        IReadOnlyDictionary<string, int> busy, int perWebhook, TimeSpan claimFor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(busy);
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(Take);
        NpgsqlParameter[] parameters =
        [
            Texts(busy.Keys), new NpgsqlParameter<int[]> { TypedValue = [.. busy.Values] }, Number(perWebhook), Time(now), Time(now + claimFor),
        ];
        command.Parameters.AddRange(parameters);
        IReadOnlyList<DeliveryRow> taken;
        await using (var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false))
        {
            taken = await Deliveries(reader, cancellation).ConfigureAwait(false);
        }

        if (taken.Count == 0) { return []; }
        var webhooks = (await Webhooks("WHERE webhook_id = ANY ($1)", cancellation, Texts(taken.Select(one => one.WebhookId).Distinct()))
            .ConfigureAwait(false)).ToDictionary(one => one.WebhookId, StringComparer.Ordinal);
        return [.. taken.Where(one => webhooks.ContainsKey(one.WebhookId)).Select(one => (webhooks[one.WebhookId], one))];
    }

    /// <inheritdoc />
    public async Task<WebhookRow?> Settle(DeliveryRow after, Outcome outcome, TimeSpan disableAfter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(after);
        ArgumentNullException.ThrowIfNull(outcome);
        var now = clock.GetUtcNow();
        _ = await Execute(WebhookSql.Settle, cancellation, Text(after.DeliveryId), Text(after.State.Word()), Number(after.Tries), Time(after.NextAt),
            Number(outcome.Status), Text(outcome.Error), Time(now), Time(outcome.At), Number(outcome.DurationMs)).ConfigureAwait(false);
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        // A success of a webhook that is well changes nothing, and waits for nobody.
        var suffix = outcome.IsSuccess ? "" : " FOR UPDATE";
        await using var read = new NpgsqlCommand($"SELECT {Columns} FROM gateway.webhook WHERE webhook_id = $1{suffix}", connection);
        _ = read.Parameters.Add(Text(after.WebhookId));
        if (await Webhooks(read, cancellation).ConfigureAwait(false) is not [var before]) { return null; }
        var webhook = WebhookRules.After(before, outcome, disableAfter, now);
        if (ReferenceEquals(webhook, before)) { return webhook; }
        _ = await Execute(connection, SettleWebhook, cancellation, Text(webhook.WebhookId), Text(webhook.State.Word()), Text(webhook.Reason),
            Time(webhook.FailingSince), Time(webhook.UpdatedAt)).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return webhook;
    }

    /// <inheritdoc />
    public async Task<(DeliveryRow Delivery, IReadOnlyList<DeliveryAttempt> Attempts)?> FindDelivery(string deliveryId, CancellationToken cancellation)
    {
        var command = new NpgsqlBatchCommand($"SELECT {DeliveryColumns}, body FROM gateway.webhook_delivery WHERE delivery_id = $1")
        {
            Parameters = { Text(deliveryId) },
        };
        if (await OwnDeliveries(command, cancellation).ConfigureAwait(false) is not [var delivery]) { return null; }
        await using var log = database.Behind(GatewayDb.SchemaName, new NpgsqlBatchCommand(
            "SELECT number, at, status, error, duration_ms FROM gateway.webhook_attempt WHERE delivery_id = $1 ORDER BY number")
        {
            Parameters = { Text(deliveryId) },
        });
        var attempts = new List<DeliveryAttempt>();
        await using var reader = await log.Read(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            attempts.Add(new DeliveryAttempt(reader.GetInt32(0), reader.GetFieldValue<DateTimeOffset>(1),
                reader.IsDBNull(2) ? null : reader.GetInt32(2), TextAt(reader, 3), reader.GetInt32(4)));
        }

        return (delivery, attempts);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<DeliveryRow>> Deliveries(DeliveryFilter filter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return await OwnDeliveries(new NpgsqlBatchCommand(WebhookSql.List)
        {
            Parameters =
            {
                Text(filter.WebhookId), Text(filter.State?.Word()), Text(filter.TaskId), Time(filter.Since), Time(filter.After?.CreatedAt),
                Text(filter.After?.DeliveryId), Number(filter.Limit),
            },
        }, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<int> Replay(string webhookId, IReadOnlyCollection<string> deliveryIds, CancellationToken cancellation) =>
        Execute(WebhookSql.Replay, cancellation, Text(webhookId), Texts(deliveryIds), Time(clock.GetUtcNow()));

    /// <inheritdoc />
    public async Task<bool> WhileNoneIsActive(Func<CancellationToken, Task> act, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(act);
        await using var connection = await database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await Lock(connection, "SHARE", cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand("SELECT EXISTS (SELECT FROM gateway.webhook WHERE state = 'active')", connection);
        if (await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is true) { return false; }
        await act(cancellation).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc />
    public async Task<(long Pending, DateTimeOffset? OldestDue)> Backlog(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(WebhookSql.Backlog);
        _ = command.Parameters.Add(Time(clock.GetUtcNow()));
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        _ = await reader.ReadAsync(cancellation).ConfigureAwait(false);
        return (reader.GetInt64(0), TimeAt(reader, 1));
    }

    /// <inheritdoc />
    public Task<int> DisableOverfull(int most, CancellationToken cancellation) =>
        Execute(WebhookSql.DisableOverfull, cancellation, Number(most), Text(Overfull(most)), Time(clock.GetUtcNow()));

    /// <inheritdoc />
    public Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation) =>
        Execute(Delete, cancellation, Time(clock.GetUtcNow() - age), Number(limit));

    private static async Task Lock(NpgsqlConnection connection, string mode, CancellationToken cancellation) =>
        _ = await Execute(connection, $"LOCK TABLE gateway.webhook IN {mode} MODE", cancellation).ConfigureAwait(false);

    private static async Task<int> Execute(NpgsqlConnection connection, string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<WebhookRow>> Webhooks(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await Webhooks(reader, cancellation).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<WebhookRow>> Webhooks(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var rows = new List<WebhookRow>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { rows.Add(vault.Show(Webhook(reader))); }
        return rows;
    }

    // Behind the wall: for the caller of this flow, and for nobody else.
    private async Task<IReadOnlyList<DeliveryRow>> OwnDeliveries(NpgsqlBatchCommand command, CancellationToken cancellation)
    {
        await using var batch = database.Behind(GatewayDb.SchemaName, command);
        await using var reader = await batch.Read(cancellation).ConfigureAwait(false);
        return await Deliveries(reader, cancellation).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<WebhookRow>> Own(string where, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand($"SELECT {Columns} FROM gateway.webhook {where}");
        foreach (var parameter in parameters) { command.Parameters.Add(parameter); }
        await using var batch = database.Behind(GatewayDb.SchemaName, command);
        await using var reader = await batch.Read(cancellation).ConfigureAwait(false);
        return await Webhooks(reader, cancellation).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<DeliveryRow>> Deliveries(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var rows = new List<DeliveryRow>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { rows.Add(Delivery(reader)); }
        return rows;
    }

    private async Task<int> Execute(string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<WebhookRow>> Webhooks(string where, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var command = database.CreateCommand($"SELECT {Columns} FROM gateway.webhook {where}");
        command.Parameters.AddRange(parameters);
        return await Webhooks(command, cancellation).ConfigureAwait(false);
    }

    private Task<int> Keep(IReadOnlyList<DeliveryRow> rows, CancellationToken cancellation) => Execute(InsertDeliveries, cancellation,
        Texts(rows.Select(row => row.DeliveryId)), Texts(rows.Select(row => row.WebhookId)), Texts(rows.Select(row => row.EventId)),
        Texts(rows.Select(row => row.EventType)), Texts(rows.Select(row => row.TaskId)), Texts(rows.Select(row => row.Body)),
        Time(rows[0].CreatedAt));
}

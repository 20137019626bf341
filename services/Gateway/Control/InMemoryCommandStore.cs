using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.Gateway.Control;

/// <summary>Commands inside the process; lost when it ends.</summary>
public sealed class InMemoryCommandStore(IOutbox<GatewayDb> outbox, TimeProvider clock) : ICommandStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CommandRow> _rows = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public async Task<IReadOnlyList<CommandReceipt>> Accept(IReadOnlyList<NewCommand> commands, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var receipts = new List<CommandReceipt>(commands.Count);
        var messages = new List<Outgoing>(commands.Count);
        lock (_gate)
        {
            foreach (var command in commands)
            {
                if (_rows.TryAdd(command.Row.CommandId, command.Row))
                {
                    if (command.Message is { } message) { messages.Add(message); }
                    receipts.Add(new CommandReceipt(command.Row));
                    continue;
                }

                var first = _rows[command.Row.CommandId];
                receipts.Add(new CommandReceipt(first, first.Body != command.Row.Body, Repeated: true));
            }
        }

        // Stored is promised: from here on the caller's leaving must not stop the commands.
        await outbox.Committed(messages, CancellationToken.None).ConfigureAwait(false);
        return receipts;
    }

    /// <inheritdoc />
    public Task<CommandRow?> Find(string commandId, CancellationToken cancellation)
    {
        lock (_gate) { return Task.FromResult(_rows.GetValueOrDefault(commandId)); }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<CommandRow>> OfTask(string taskId, int limit, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<CommandRow>>(
                [.. _rows.Values.Where(row => row.TaskId == taskId).OrderBy(row => row.CreatedAt).Take(limit)]);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<CommandRow>> OfBulk(string bulkId, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<CommandRow>>(
                [.. _rows.Values.Where(row => row.BulkId == bulkId).OrderBy(row => row.CommandId, StringComparer.Ordinal)]);
        }
    }

    /// <inheritdoc />
    public Task<CommandRow> Answer(CommandRow answer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(answer);
        lock (_gate)
        {
            return Task.FromResult(_rows[answer.CommandId] = _rows.TryGetValue(answer.CommandId, out var row)
                ? CommandRules.Answered(row, answer, clock.GetUtcNow())
                : answer);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<CommandRow>> TakeUnanswered(int limit, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            var due = _rows.Values.Where(row => row.Status == CommandState.Pending && row.AgainAt <= now)
                .OrderBy(row => row.AgainAt).Take(limit).ToList();
            foreach (var row in due)
            {
                _rows[row.CommandId] = row with { Code = null, Tries = row.Tries + 1, AgainAt = now + CommandRules.AgainAfter(row.Tries + 1) };
            }

            return Task.FromResult<IReadOnlyList<CommandRow>>(due);
        }
    }

    /// <inheritdoc />
    public Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation)
    {
        var horizon = clock.GetUtcNow() - age;
        lock (_gate)
        {
            var old = _rows.Values.Where(row => row.Status >= CommandState.Applied && row.UpdatedAt < horizon).Take(limit).ToList();
            foreach (var row in old) { _ = _rows.Remove(row.CommandId); }
            return Task.FromResult(old.Count);
        }
    }
}

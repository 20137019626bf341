using System.Collections.Concurrent;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using Npgsql;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Keeps what was committed instead of sending it.</summary>
internal sealed class RecordingOutbox : IOutbox<ResourceManagerDb>
{
    public ConcurrentQueue<Outgoing> Sent { get; } = new();

    public long Pending => 0;

    public NpgsqlBatchCommand Insert(IReadOnlyCollection<Outgoing> messages) =>
        new("INSERT INTO resource_manager.outbox (id, message, claimed_until) "
            + "SELECT id, m::json, now() FROM unnest($1, $2) AS o (id, m)")
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. messages.Select(message => message.Id)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. messages.Select(m => JsonSerializer.Serialize(m,
                    WireJson.Options))] },
            },
        };

    public ValueTask Committed(IReadOnlyCollection<Outgoing> messages, CancellationToken cancellation)
    {
        foreach (var message in messages) { Sent.Enqueue(message); }
        return ValueTask.CompletedTask;
    }

    public IReadOnlyList<object> About(string task) =>
    [
        .. Sent.Select(sent => sent.Message).Where(message =>
            (message is Contracts.Resources.ResourcesAllocated { TaskId: var placed } && placed == task)
            || (message is Contracts.Resources.ResourcesWaiting { TaskId: var waiting } && waiting == task)
            || (message is Contracts.Resources.PreemptAttempt { TaskId: var yielding } && yielding == task)
            || (message is Ledger.ClaimRevoked { TaskId: var revoked } && revoked == task)),
    ];
}

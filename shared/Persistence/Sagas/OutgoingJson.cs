using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>The outgoing messages of one unit of work as they lie in its inbox row.</summary>
internal static class OutgoingJson
{
    public static string? Write<TSaga>(UnitOfWork<TSaga> unit) where TSaga : SagaRow =>
        unit.Outgoing.Count == 0 ? null : JsonSerializer.Serialize(unit.Outgoing, WireJson.Options);

    public static IReadOnlyList<Outgoing> Read(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<List<Outgoing>>(json, WireJson.Options)!;
}

using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Signing;

namespace A2A.Micro.Security.Broker;

/// <summary>A message of an agent as the broker delivered it.</summary>
/// <param name="Exchange">The exchange that it was published to.</param>
/// <param name="UserId">The account that published it, as the broker has checked.</param>
/// <param name="Message">Everything else.</param>
public readonly record struct AgentDelivery(string? Exchange, string? UserId, SignedDelivery Message);

/// <summary>
/// Whether an agent may say what it says (security 4): through its own exchange, from its own account, signed with its own key, in its own name, and
/// nothing that is not an agent's to say. Pure.
/// </summary>
public static class IngressRule
{
    private const string Bulk = "a2a:bulk";

    // What agents say, and the member in which they say who they are. What is not here is not theirs to say.
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["a2a:agent.announce"] = "agent_id",
        ["a2a:agent.heartbeat"] = "agent_id",
        ["a2a:agent.draining"] = "agent_id",
        ["a2a:agent.left"] = "agent_id",
        ["a2a:task.accepted"] = "agent_id",
        ["a2a:task.rejected"] = "agent_id",
        ["a2a:task.control.ack"] = "agent_id",
        ["a2a:task.checkpoint"] = "agent_id",
        ["a2a:task.input_required"] = "agent_id",
        ["a2a:task.dependency.watch"] = "agent_id",
        ["a2a:task.result"] = "executor_agent_id",
        ["a2a:task.status"] = "executor_agent_id",
        ["a2a:task.partial"] = "executor_agent_id",
        ["a2a:task.submit"] = "requester_agent_id",
        ["a2a:state.update"] = "agent_id",
        ["a2a:state.read"] = "agent_id",
        ["a2a:payload.store"] = "agent_id",
        ["a2a:payload.read"] = "agent_id",
    };

    // Where an answer goes, or a fault: a service would send it there under its own account, also where the agent may not.
    private static readonly string[] Addresses = ["responseAddress", "faultAddress"];

    // What of a submission, and of a question, is the system's to say.
    private static readonly string[] NotTheirs = ["seal", "as_member", "replay_of", "admission"];

    // A child is taken in because its own task asks its parent, and nobody else.
    private const string AsChild = "as_child";

    /// <summary>The types that an agent may say; for the tests.</summary>
    public static IEnumerable<string> Types => Names.Keys;

    /// <summary>Why it is refused; null: it is not.</summary>
    /// <param name="delivery">What the broker delivered.</param>
    /// <param name="keys">Whose word counts.</param>
    /// <param name="window">How old a signature may be.</param>
    /// <param name="now">When it is judged.</param>
    /// <param name="bytesMax">The largest that is looked at.</param>
    public static string? Refuses(AgentDelivery delivery, KeyRing keys, ReplayWindow window, DateTimeOffset now, int bytesMax)
    {
        if (AgentAccount.OwnerOf(delivery.Exchange) is not { } agentId) { return "NOT_ITS_EXCHANGE"; }
        if (delivery.UserId != AgentAccount.User(agentId)) { return "NOT_ITS_ACCOUNT"; }
        if (delivery.Message.Body.Length > bytesMax) { return "TOO_LARGE"; }
        var (_, refusal) = MessageCheck.Check(delivery.Message, agentId, keys, window, now);
        return refusal ?? Says(delivery.Message.Body, agentId);
    }

    /// <summary>Whether everything in a body is an agent's to say, and said in its name.</summary>
    private static string? Says(ReadOnlyMemory<byte> body, string agentId)
    {
        try
        {
            using var envelope = JsonDocument.Parse(Gzip.Unpack(body), new JsonDocumentOptions { MaxDepth = WireJson.MaxDepth + 8 });
            var root = envelope.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("messageType", out var types) || !root.TryGetProperty("message", out var message)
                || types.ValueKind != JsonValueKind.Array || types.GetArrayLength() != 1 || message.ValueKind != JsonValueKind.Object
                || root.EnumerateObject().DistinctBy(member => member.Name, StringComparer.OrdinalIgnoreCase).Count() != root.EnumerateObject().Count())
            {
                return "NOT_AN_ENVELOPE";
            }

            if (Addresses.Any(name => !IsItsOwn(root, name, agentId))) { return "NOT_ITS_ADDRESS"; }
            if (types[0].GetString() != Bulk) { return Says(types[0].GetString(), message, agentId); }
            return message.TryGetProperty("entries", out var entries) && entries.ValueKind == JsonValueKind.Array
                ? entries.EnumerateArray().Select(entry => EntrySays(entry, agentId)).FirstOrDefault(no => no is not null)
                : "NOT_AN_ENVELOPE";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or InvalidDataException)
        {
            return "NOT_AN_ENVELOPE";
        }
    }

    private static bool IsItsOwn(JsonElement envelope, string name, string agentId) =>
        !envelope.EnumerateObject().Any(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase)
            && member.Value.ValueKind != JsonValueKind.Null
            && (member.Value.ValueKind != JsonValueKind.String
                || member.Value.GetString() != Endpoints.Address(Endpoints.AgentControl(agentId)).OriginalString));

    // The reserved part of the metadata says who handed a task in.
    private static bool SaysReserved(JsonElement message) => message.EnumerateObject()
        .Any(member => member.Name.Equals("metadata", StringComparison.OrdinalIgnoreCase) && MetadataRules.Reserved(member.Value).Any());

    // Whatever the case of its letters: whoever reads the message on the bus does not mind that either.
    private static bool IsTheSystems(JsonProperty member) => NotTheirs.Contains(member.Name, StringComparer.OrdinalIgnoreCase)
        || (member.Value.ValueKind != JsonValueKind.False && string.Equals(member.Name, AsChild, StringComparison.OrdinalIgnoreCase));

    private static string? EntrySays(JsonElement entry, string agentId) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("urn", out var urn) && entry.TryGetProperty("body", out var body)
            ? Says(urn.GetString(), body, agentId)
            : "NOT_AN_ENVELOPE";

    private static string? Says(string? urn, JsonElement message, string agentId)
    {
        if (urn is null || !Names.TryGetValue(urn, out var name)) { return "NOT_ITS_TO_SAY"; }
        if (message.ValueKind != JsonValueKind.Object) { return "NOT_AN_ENVELOPE"; }
        // A member that is there twice could be one thing here and another for whoever reads it next.
        var said = message.EnumerateObject().Where(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();
        if (said is not [{ Value: { ValueKind: JsonValueKind.String } value } only] || only.Name != name || value.GetString() != agentId)
        {
            return "NOT_ITS_NAME";
        }

        return message.EnumerateObject().Any(IsTheSystems) || SaysReserved(message) ? "NOT_ITS_TO_SAY" : null;
    }
}

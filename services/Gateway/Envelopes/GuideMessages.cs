using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Envelopes;

/// <summary>
/// The task guide's own messages (requirement 18) in the words of the protocol: <c>TaskMessage</c> is <c>task.submit</c>, <c>TaskProgress</c> is
/// <c>task.status</c>, <c>TaskResult</c> is <c>task.result</c>. What is not translated goes on as it is, so that its own reader names what is wrong
/// with it. Pure.
/// </summary>
public static class GuideMessages
{
    private static readonly (string Theirs, string Ours)[] Types =
        [("TaskMessage", EnvelopeRoutes.Submit), ("TaskProgress", EnvelopeRoutes.Status), ("TaskResult", EnvelopeRoutes.Result)];

    // An empty text is how the guide's encoding says "absent".
    private static readonly string[] MayBeEmpty = ["responder_agent_id", "requester_agent_id", "error_message", "progress_message"];

    /// <summary>The guide's names of messages.</summary>
    public static IEnumerable<string> Names => Types.Select(type => type.Theirs);

    /// <summary>The message in the protocol's words; the same one when it is in them already.</summary>
    public static Envelope Translate(Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (Types.FirstOrDefault(type => type.Theirs == envelope.Type).Ours is not { } ours) { return envelope; }
        var members = JsonObject.Create(envelope.Payload.Clone())!;
        foreach (var name in MayBeEmpty.Where(name => members[name] is JsonValue text && text.TryGetValue(out string? said) && said.Length == 0))
        {
            _ = members.Remove(name);
        }

        if (ours == EnvelopeRoutes.Status) { TranslateProgress(members); }
        return envelope with { Type = ours, Payload = JsonSerializer.SerializeToElement(members, WireJson.Options) };
    }

    private static void TranslateProgress(JsonObject members)
    {
        Rename(members, "progress_data", "metrics");
        Rename(members, "updated_at", "timestamp");
        if (members["progress_percentage"] is JsonValue percentage && !members.ContainsKey("progress") && percentage.TryGetValue(out double percent))
        {
            _ = members.Remove("progress_percentage");
            members["progress"] = percent / 100;
        }
    }

    private static void Rename(JsonObject members, string theirs, string ours)
    {
        if (members.ContainsKey(ours) || !members.Remove(theirs, out var value)) { return; }
        members[ours] = value;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// What an agent is told about the attempts before its own, in the part of the metadata that is the system's (R10, requirement 94). A first attempt
/// has nothing to tell and gets its metadata as they were submitted. Pure.
/// </summary>
public static class AttemptMetadata
{
    /// <summary>The number of the attempt, from the second on.</summary>
    public const string Attempt = "a2a.attempt";

    /// <summary>One line for each rejection, failure and loss before it, oldest first; the last ten.</summary>
    public const string EarlierErrors = "a2a.earlier_errors";

    private const int LinesMax = 10;

    /// <summary>The metadata of an offer: as they were submitted, with what became known since; what others wrote under these names is gone.</summary>
    public static JsonElement? Of(JsonElement? submitted, int attempt, IReadOnlyList<string> notes)
    {
        ArgumentNullException.ThrowIfNull(notes);
        var isFirst = attempt <= 1 && notes.Count == 0;
        if (submitted is { ValueKind: not JsonValueKind.Object and not JsonValueKind.Null }) { return submitted; }
        if (isFirst && !IsForged(submitted)) { return submitted; }
        var all = submitted is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : [];
        _ = all.Remove(Attempt);
        _ = all.Remove(EarlierErrors);
        if (!isFirst)
        {
            all[Attempt] = attempt;
            all[EarlierErrors] = new JsonArray([.. notes.TakeLast(LinesMax).Select(line => (JsonNode)line)]);
        }

        return JsonSerializer.SerializeToElement(all, WireJson.Options);
    }

    /// <summary>The lines that an offer's metadata hold; empty with a first attempt.</summary>
    public static IReadOnlyList<string> Errors(JsonElement? metadata) =>
        metadata is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty(EarlierErrors, out var lines) && lines.ValueKind == JsonValueKind.Array
            ? [.. lines.EnumerateArray().Where(line => line.ValueKind == JsonValueKind.String).Select(line => line.GetString()!)]
            : [];

    private static bool IsForged(JsonElement? metadata) =>
        metadata is { ValueKind: JsonValueKind.Object } all && (all.TryGetProperty(Attempt, out _) || all.TryGetProperty(EarlierErrors, out _));
}

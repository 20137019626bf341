using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Security.Encryption;

/// <summary>
/// Single values inside a JSON document that only few may read: each stands there as
/// <c>{"$enc":"v1","task","kid","wrapped","nonce","ct","tag"}</c>, bound to tenant, task and place (security 6). Pure but for the chance.
/// </summary>
public static class SealedFields
{
    /// <summary>The member that a sealed value is recognised by; callers may not use it.</summary>
    public const string Mark = "$enc";

    /// <summary>Where the parameters of a task lie.</summary>
    public const string Parameters = "/parameters";

    /// <summary>Where results lie, partial ones too.</summary>
    public const string Result = "/result";

    /// <summary>Where an answer lies on its way to the Scheduler.</summary>
    public const string Input = "/input";

    /// <summary>Where the answers lie that a task was given, by the keys of their questions.</summary>
    public const string Inputs = "/inputs";

    private const string Version = "v1";

    /// <summary>Seals what is at these places; a place where nothing is stays so.</summary>
    /// <param name="document">The document.</param>
    /// <param name="places">JSON pointers into it; <c>*</c> stands for every entry of an array and every member of an object.</param>
    /// <param name="root"><see cref="Parameters"/> or <see cref="Result"/>.</param>
    /// <param name="key">The task's key.</param>
    /// <param name="seal">Its seal.</param>
    public static JsonElement Seal(JsonElement document, IEnumerable<string> places, string root, byte[] key, TaskSeal seal)
    {
        var tree = JsonSerializer.SerializeToNode(document, WireJson.Options);
        // The whole before its parts, which are then inside already.
        foreach (var place in places.OrderBy(place => place.Length))
        {
            tree = SealAt(tree, JsonPointer.Names(place), 0, root, value => Box(value.Node, value.Place, key, seal));
        }

        return JsonSerializer.SerializeToElement(tree, WireJson.Options);
    }

    /// <summary>The document with everything opened that this key sealed here, and the texts that were inside.</summary>
    /// <exception cref="SecurityBreachException">Something was sealed by another key, for another place, or has been changed.</exception>
    public static (JsonElement Document, IReadOnlyList<string> Secrets) Open(JsonElement document, string root, byte[] key, TaskSeal seal)
    {
        if (!HasSealed(document)) { return (document, []); }
        var secrets = new List<string>();
        var tree = Replace(JsonSerializer.SerializeToNode(document, WireJson.Options), root, (node, place) =>
        {
            var value = Unbox(node, place, key, seal);
            Texts(value, secrets);
            return value;
        });
        return (JsonSerializer.SerializeToElement(tree, WireJson.Options), secrets);
    }

    /// <summary>The document with everything opened that this installation can open: for the requester, whose secrets they are.</summary>
    /// <exception cref="SecurityBreachException">Something was sealed elsewhere, for another place, or has been changed.</exception>
    public static JsonElement? Reveal(JsonElement? document, string root, MasterKeys masters, string tenant) =>
        document is { } given && HasSealed(given)
            ? JsonSerializer.SerializeToElement(
                Replace(JsonSerializer.SerializeToNode(given, WireJson.Options), root, (box, place) =>
                {
                    var seal = SealOf(box, tenant);
                    return Unbox(box, place, TaskKeyring.Open(masters, seal), seal);
                }),
                WireJson.Options)
            : document;

    /// <summary>The document as everybody may see it: <c>{"sensitive":true}</c> where something is sealed.</summary>
    public static JsonElement? Redact(JsonElement? document) => document is { } given && HasSealed(given)
        ? JsonSerializer.SerializeToElement(
            Replace(JsonSerializer.SerializeToNode(given, WireJson.Options), "", static (_, _) => new JsonObject { ["sensitive"] = true }), WireJson.Options)
        : document;

    /// <summary>Whether something in it is sealed, or could be: looks at the bytes only, so that a document without secrets costs next to nothing.</summary>
    public static bool HasSealed(JsonElement document)
    {
        if (document.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) { return false; }
        var text = JsonMarshal.GetRawUtf8Value(document);
        return text.IndexOf("\"$enc\""u8) >= 0 || text.IndexOf("\\u0024"u8) >= 0;
    }

    /// <summary>Where a caller used the name of the mark for something of its own; null: nowhere.</summary>
    public static string? Forged(JsonElement document) => HasSealed(document) ? Forged(document, "") : null;

    /// <summary>The task that a value was sealed for, when the whole of it is sealed; null otherwise.</summary>
    public static string? TaskOf(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(Mark, out _)
        && value.TryGetProperty("task", out var task) && task.ValueKind == JsonValueKind.String ? task.GetString() : null;

    private static string? Forged(JsonElement value, string place) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject()
            .Select(member => member.Name == Mark ? place : Forged(member.Value, place + "/" + Escape(member.Name))).FirstOrDefault(found => found is not null),
        JsonValueKind.Array => value.EnumerateArray()
            .Select((entry, index) => Forged(entry, $"{place}/{index}")).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static JsonNode? SealAt(
        JsonNode? node, IReadOnlyList<string> names, int depth, string place, Func<(JsonNode? Node, string Place), JsonNode> seal)
    {
        if (IsSealed(node)) { return node; }
        if (depth == names.Count) { return seal((node, place)); }
        switch (node)
        {
            case JsonObject members:
                foreach (var name in names[depth] == "*" ? [.. members.Select(member => member.Key)] : new[] { names[depth] })
                {
                    if (members.ContainsKey(name)) { Put(members, name, SealAt(members[name], names, depth + 1, $"{place}/{Escape(name)}", seal)); }
                }

                return members;
            case JsonArray entries:
                for (var i = 0; i < entries.Count; i++)
                {
                    if (names[depth] != "*" && JsonPointer.Index(names[depth]) != i) { continue; }
                    Put(entries, i, SealAt(entries[i], names, depth + 1, $"{place}/{i}", seal));
                }

                return entries;
            default:
                return node;
        }
    }

    private static JsonNode? Replace(JsonNode? node, string place, Func<JsonObject, string, JsonNode?> with)
    {
        switch (node)
        {
            case JsonObject box when IsSealed(box):
                return with(box, place);
            case JsonObject members:
                foreach (var name in members.Select(member => member.Key).ToList())
                {
                    Put(members, name, Replace(members[name], $"{place}/{Escape(name)}", with));
                }

                return members;
            case JsonArray entries:
                for (var i = 0; i < entries.Count; i++)
                {
                    Put(entries, i, Replace(entries[i], $"{place}/{i}", with));
                }

                return entries;
            default:
                return node;
        }
    }

    // A node has one parent: what stays where it is must not be put there again.
    private static void Put(JsonObject members, string name, JsonNode? value)
    {
        if (!ReferenceEquals(members[name], value)) { members[name] = value; }
    }

    private static void Put(JsonArray entries, int index, JsonNode? value)
    {
        if (!ReferenceEquals(entries[index], value)) { entries[index] = value; }
    }

    private static bool IsSealed(JsonNode? node) => node is JsonObject box && box.ContainsKey(Mark);

    private static JsonObject Box(JsonNode? value, string place, byte[] key, TaskSeal seal)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(value, WireJson.Options);
        var box = GcmBox.Seal(key, text, Words(seal, place));
        return new JsonObject
        {
            [Mark] = Version,
            ["task"] = seal.TaskId,
            ["kid"] = seal.Kid,
            ["wrapped"] = seal.Wrapped,
            ["nonce"] = Base64Text.Of(box.AsSpan(0, GcmBox.NonceBytes)),
            ["ct"] = Base64Text.Of(box.AsSpan(GcmBox.NonceBytes, text.Length)),
            ["tag"] = Base64Text.Of(box.AsSpan(box.Length - GcmBox.TagBytes)),
        };
    }

    private static JsonNode? Unbox(JsonObject box, string place, byte[] key, TaskSeal seal)
    {
        if (Member(box, Mark) != Version || SealOf(box, seal.Tenant) != seal with { ForAgent = null, Results = null } || box.Count != 7
            || Base64Text.Read(Member(box, "nonce")) is not { Length: GcmBox.NonceBytes } nonce
            || Base64Text.Read(Member(box, "ct")) is not { } text
            || Base64Text.Read(Member(box, "tag")) is not { Length: GcmBox.TagBytes } tag)
        {
            throw new SecurityBreachException("a sealed value is not of this task, or not in the form");
        }

        return JsonNode.Parse(GcmBox.Open(key, [.. nonce, .. text, .. tag], Words(seal, place)));
    }

    private static TaskSeal SealOf(JsonObject box, string tenant) => new()
    {
        Tenant = tenant,
        TaskId = Member(box, "task") ?? "",
        Kid = Member(box, "kid") ?? "",
        Wrapped = Member(box, "wrapped") ?? "",
    };

    private static string? Member(JsonObject box, string name) =>
        box[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static void Texts(JsonNode? value, List<string> secrets)
    {
        switch (value)
        {
            case JsonObject members:
                foreach (var member in members) { Texts(member.Value, secrets); }
                break;
            case JsonArray entries:
                foreach (var entry in entries) { Texts(entry, secrets); }
                break;
            case JsonValue one when one.GetValueKind() is JsonValueKind.String or JsonValueKind.Number:
                secrets.Add(one.ToString());
                break;
            default:
                break;
        }
    }

    private static byte[] Words(TaskSeal seal, string place) =>
        Encoding.UTF8.GetBytes($"{seal.Tenant}|{seal.TaskId}|{place}|{seal.Kid}|{Version}");

    private static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}

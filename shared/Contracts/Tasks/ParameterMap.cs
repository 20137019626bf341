using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// Puts values into parameters at JSON pointers. Objects on the way are made where they are missing (or null); a member or an element that
/// is there is replaced; arrays never grow. Pure.
/// </summary>
public static class ParameterMap
{
    /// <summary>Why nothing can be put at this place; null when it can.</summary>
    public static string? Obstacle(JsonElement? parameters, string target)
    {
        if (parameters is not { ValueKind: not JsonValueKind.Null } here) { return null; }
        var way = "";
        foreach (var name in JsonPointer.Names(target))
        {
            switch (here.ValueKind)
            {
                case JsonValueKind.Null:
                    return null;
                case JsonValueKind.Object:
                    if (!here.TryGetProperty(name, out var member)) { return null; }
                    here = member;
                    break;
                case JsonValueKind.Array:
                    if (JsonPointer.Index(name) is not { } index || index >= here.GetArrayLength())
                    {
                        return $"the array at '{way}' of the parameters has no element {name}";
                    }

                    here = here[index];
                    break;
                default:
                    return $"'{way}' of the parameters is neither an object nor an array";
            }

            way += "/" + name;
        }

        return null;
    }

    /// <summary>The parameters with these values in their places; <see cref="Obstacle"/> was asked before.</summary>
    public static JsonElement? Apply(JsonElement? parameters, IEnumerable<KeyValuePair<string, JsonElement>> values)
    {
        var (root, any) = (Node(parameters), false);
        foreach (var (target, value) in values)
        {
            any = true;
            root = Put(root, JsonPointer.Names(target), 0, value);
        }

        return any ? JsonSerializer.SerializeToElement(root, Deep) : parameters;
    }

    /// <summary>How deep a value nests: 0 for a plain one.</summary>
    public static int Depth(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => 1 + value.EnumerateObject().Select(member => Depth(member.Value)).DefaultIfEmpty().Max(),
        JsonValueKind.Array => 1 + value.EnumerateArray().Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };

    private static readonly JsonSerializerOptions Deep = new(WireJson.Options) { MaxDepth = 256 };

    private static JsonNode? Put(JsonNode? node, IReadOnlyList<string> names, int next, JsonElement value)
    {
        if (next == names.Count) { return Node(value); }
        switch (node)
        {
            case JsonArray array when JsonPointer.Index(names[next]) is { } index && index < array.Count:
                var element = array[index];
                array[index] = null;
                array[index] = Put(element, names, next + 1, value);
                return array;
            case JsonObject or null:
                var members = (JsonObject?)node ?? [];
                _ = members.Remove(names[next], out var member);
                members[names[next]] = Put(member, names, next + 1, value);
                return members;
            default:
                throw new InvalidOperationException($"there is no place for a value at {string.Join('/', names)}");
        }
    }

    private static JsonNode? Node(JsonElement? element) => element?.ValueKind switch
    {
        null or JsonValueKind.Null => null,
        JsonValueKind.Object => JsonObject.Create(element.Value),
        JsonValueKind.Array => JsonArray.Create(element.Value),
        _ => JsonValue.Create(element.Value),
    };
}

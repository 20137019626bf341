using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway;

/// <summary>
/// Reads the members of one JSON object and remembers everything that is wrong, so that a caller hears of all mistakes at once and
/// by the names on the wire. A member that is null counts as absent.
/// </summary>
internal sealed class JsonFields
{
    private readonly JsonElement _object;
    private readonly string _pointer;
    private readonly List<FieldError> _errors;

    /// <summary>The members of this object; a member that is not <paramref name="known"/> is an error that suggests the nearest name.</summary>
    public JsonFields(JsonElement element, string pointer, List<FieldError> errors, params IReadOnlyCollection<string> known)
    {
        (_object, _pointer, _errors) = (element, pointer, errors);
        if (element.ValueKind != JsonValueKind.Object)
        {
            Wrong(pointer, "an object is expected, not " + Kind(element));
            return;
        }

        foreach (var member in element.EnumerateObject().Where(member => !known.Contains(member.Name)))
        {
            var near = Spelling.Nearest(member.Name, known);
            Wrong($"{pointer}/{Escape(member.Name)}", near is null
                ? $"unknown member; known are {string.Join(", ", known)}"
                : $"unknown member; did you mean {near}?");
        }
    }

    /// <summary>The member, unless it is absent or null.</summary>
    public JsonElement? Any(string name) =>
        _object.ValueKind == JsonValueKind.Object && _object.TryGetProperty(name, out var member)
        && member.ValueKind is not JsonValueKind.Null
            ? member
            : null;

    /// <summary>A text.</summary>
    public string? Text(string name, int lengthMax = int.MaxValue)
    {
        if (Any(name) is not { } member) { return null; }
        if (member.ValueKind != JsonValueKind.String) { return Refuse<string>(name, "a string is expected, not " + Kind(member)); }
        var text = member.GetString()!;
        return text.Length <= lengthMax ? text : Refuse<string>(name, $"at most {lengthMax} characters");
    }

    /// <summary>A number.</summary>
    public double? Number(string name)
    {
        if (Any(name) is not { } member) { return null; }
        return member.ValueKind == JsonValueKind.Number && member.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : RefuseValue<double>(name, "a number is expected, not " + Kind(member));
    }

    /// <summary>A whole number; <c>1.0</c> is one, as in JSON Schema.</summary>
    public int? Whole(string name)
    {
        if (Any(name) is not { } member) { return null; }
        if (member.ValueKind != JsonValueKind.Number)
        {
            return RefuseValue<int>(name, "a whole number is expected, not " + Kind(member));
        }

        return member.TryGetDouble(out var number) && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue
            ? (int)number
            : RefuseValue<int>(name, "a whole number is expected");
    }

    /// <summary>An RFC 3339 time with an offset (R15).</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Any(name) is not { } member) { return null; }
        return member.ValueKind == JsonValueKind.String && UtcTimeConverter.TryParse(member.GetString()!, out var at)
            ? at
            : RefuseValue<DateTimeOffset>(name, "an RFC 3339 time with an offset is expected, such as 2026-03-21T15:00:00Z");
    }

    /// <summary>Yes or no.</summary>
    public bool? Flag(string name)
    {
        if (Any(name) is not { } member) { return null; }
        return member.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? member.GetBoolean()
            : RefuseValue<bool>(name, "true or false is expected, not " + Kind(member));
    }

    /// <summary>The wire word of an enum.</summary>
    public TEnum? Word<TEnum>(string name) where TEnum : struct, Enum
    {
        if (Any(name) is not { } member) { return null; }
        return member.ValueKind == JsonValueKind.String && WireWord.TryParse<TEnum>(member.GetString(), out var value)
            && value.Word() != "unknown"
            ? value
            : RefuseValue<TEnum>(name, "one of " + string.Join(", ", WireWord.All<TEnum>().Where(word => word != "unknown")));
    }

    /// <summary>Records that a member is wrong.</summary>
    public void Wrong(string pointer, string detail, ErrorKind? kind = null) =>
        _errors.Add(new FieldError(pointer, detail, (kind ?? ErrorKind.Validation).Code));

    /// <summary>The JSON pointer of a member (RFC 6901, as a URI fragment).</summary>
    public string PointerOf(string name) => $"{_pointer}/{Escape(name)}";

    private T? Refuse<T>(string name, string detail) where T : class
    {
        Wrong(PointerOf(name), detail);
        return null;
    }

    private T? RefuseValue<T>(string name, string detail) where T : struct
    {
        Wrong(PointerOf(name), detail);
        return null;
    }

    private static string Escape(string name) =>
        Uri.EscapeDataString((name.Length > 64 ? name[..64] : name).Replace("~", "~0", StringComparison.Ordinal)
            .Replace("/", "~1", StringComparison.Ordinal).Normalize()).Replace("%7E", "~", StringComparison.Ordinal);

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.Number => "a number",
        JsonValueKind.String => "a string",
        _ => "null",
    };
}

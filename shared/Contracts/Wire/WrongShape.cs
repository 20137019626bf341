using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.Contracts.Wire;

/// <summary>
/// What is wrong with a message that does not fit its contract (requirement 45): the field, and what would be right. Whoever finds the message parked has
/// nothing but the text, so code and field stand in it: <c>MSG001 #/priority: a whole number within its range is expected</c>. Pure.
/// </summary>
public static partial class WrongShape
{
    private const int PathMax = 512;

    // The serializer appends " Path: $.x | LineNumber: ..." to its own sentences, and to no others.
    private const string OwnTail = " Path: ";

    /// <summary>The refusal of a message in one place.</summary>
    public static ProtocolException At(string pointer, string detail) =>
        new(ErrorKind.Validation, $"{ErrorKind.Validation.Code} {pointer}: {detail}", new FieldError(pointer, detail, ErrorKind.Validation.Code));

    /// <summary>The refusal of a message that could not be read.</summary>
    /// <param name="type">What it should have been.</param>
    /// <param name="message">What it is.</param>
    /// <param name="fault">What the serializer said.</param>
    /// <param name="options">How it was read.</param>
    public static ProtocolException Of(Type type, JsonElement message, JsonException fault, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var names = Names(fault.Path ?? "$");
        var pointer = "#" + string.Concat(names.Select(Escaped));
        var (expected, found) = (TypeAt(type, names, options), Find(message, names));
        if (found is { ValueKind: JsonValueKind.Null }) { return At(pointer, "a value is required, and null is none"); }
        if (found is { ValueKind: JsonValueKind.Object } holder
            && expected?.Properties.FirstOrDefault(one => one.IsRequired && !Has(holder, one.Name)) is { } missing)
        {
            return At(pointer + Escaped(missing.Name), "it is required, and it is not there");
        }

        var tail = fault.Message.IndexOf(OwnTail, StringComparison.Ordinal);
        return At(pointer, tail < 0 ? fault.Message : Expected(expected) is { } words ? words + " is expected" : fault.Message[..tail]);
    }

    private static List<string> Names(string path) =>
        [.. Step().Matches(path.Length > PathMax ? path[..PathMax] : path).Select(step => step.Groups["name"].Value)];

    private static string Escaped(string name) =>
        "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal).Replace(" ", "%20", StringComparison.Ordinal);

    private static JsonElement? Find(JsonElement root, List<string> names)
    {
        JsonElement? here = root;
        foreach (var name in names)
        {
            here = here switch
            {
                { ValueKind: JsonValueKind.Object } holder when holder.TryGetProperty(name, out var member) => member,
                { ValueKind: JsonValueKind.Array } list when JsonPointer.Index(name) is { } index && index < list.GetArrayLength() => list[index],
                _ => null,
            };
        }

        return here;
    }

    private static JsonTypeInfo? TypeAt(Type type, List<string> names, JsonSerializerOptions options)
    {
        var here = options.GetTypeInfo(type);
        foreach (var name in names)
        {
            var next = here.Kind == JsonTypeInfoKind.Object ? here.Properties.FirstOrDefault(one => one.Name == name)?.PropertyType : here.ElementType;
            if (next is null) { return null; }
            here = options.GetTypeInfo(Nullable.GetUnderlyingType(next) ?? next);
        }

        return here;
    }

    // Members are known in any case, as MassTransit reads them.
    private static bool Has(JsonElement holder, string name) =>
        holder.EnumerateObject().Any(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static string? Expected(JsonTypeInfo? info) => info?.Kind switch
    {
        null => null,
        JsonTypeInfoKind.Enumerable => "an array",
        JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
        _ => Type.GetTypeCode(info.Type) switch
        {
            TypeCode.String => "a text",
            TypeCode.Boolean => "true or false",
            TypeCode.Single or TypeCode.Double or TypeCode.Decimal => "a number",
            >= TypeCode.SByte and <= TypeCode.UInt64 => "a whole number within its range",
            _ => info.Type == typeof(Guid) ? "a UUID" : null,
        },
    };

    [GeneratedRegex(@"\.(?<name>[^.\[]+)|\['(?<name>.*?)'\](?=[.\[]|$)|\[(?<name>\d+)\]", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Step();
}

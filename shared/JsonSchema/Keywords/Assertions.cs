using System.Text.Json;
using System.Text.RegularExpressions;
using A2A.Micro.JsonSchema.Evaluation;

namespace A2A.Micro.JsonSchema.Keywords;

/// <summary><c>type</c>.</summary>
internal sealed class TypeOf(string[] words) : Keyword
{
    /// <summary>Every word there is.</summary>
    public static IReadOnlyList<string> Words { get; } = ["array", "boolean", "integer", "null", "number", "object", "string"];

    public override bool Holds(in Spot spot, Run run)
    {
        foreach (var word in words)
        {
            if (Is(spot.Instance, word)) { return true; }
        }

        return run.Fail(spot.At, "type", $"must be {string.Join(" or ", words.Select(Name))}, not {Name(Word(spot.Instance))}");
    }

    private static bool Is(JsonElement value, string word) =>
        word == "integer"
            ? value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out _) || DecimalNumber.TryRead(value) is { IsInteger: true })
            : word == Word(value);

    private static string Word(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    private static string Name(string word) => word switch
    {
        "array" => "a list",
        "object" => "an object",
        "string" => "a text",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "true or false",
        _ => "null",
    };
}

/// <summary><c>enum</c> and <c>const</c>.</summary>
internal sealed class OneOfValues(string keyword, JsonElement[] values) : Keyword
{
    private const int TextMax = 200;

    public override bool Holds(in Spot spot, Run run)
    {
        run.Charge(values.Length, spot.At);
        foreach (var value in values)
        {
            if (JsonElement.DeepEquals(value, spot.Instance)) { return true; }
        }

        var list = string.Join(", ", values.Select(value => value.GetRawText()));
        return run.Fail(spot.At, keyword, (values.Length == 1 ? "must be " : "must be one of ")
            + (list.Length <= TextMax ? list : list[..TextMax] + " ..."));
    }
}

/// <summary>A rule for numbers; every other value passes.</summary>
internal sealed class NumberRule(string keyword, Func<DecimalNumber, bool> fits, string message) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != JsonValueKind.Number) { return true; }
        return DecimalNumber.TryRead(spot.Instance) is { } number
            ? fits(number) || run.Fail(spot.At, keyword, message)
            : run.Fail(spot.At, keyword, $"has more than {DecimalNumber.DigitsMax} digits");
    }
}

/// <summary>A rule for texts; every other value passes.</summary>
internal sealed class TextRule(string keyword, Func<string, bool> fits, string message) : Keyword
{
    /// <summary>Characters as people count them: code points.</summary>
    public static int Length(string text)
    {
        var length = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i - 1], text[i])) { length--; }
        }

        return length;
    }

    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != JsonValueKind.String) { return true; }
        var text = spot.Instance.GetString()!;
        run.Charge(text.Length / 64, spot.At);
        try
        {
            return fits(text) || run.Fail(spot.At, keyword, message);
        }
        catch (RegexMatchTimeoutException)
        {
            return run.Fail(spot.At, keyword, "matching the pattern takes too long: " + message);
        }
    }
}

/// <summary>How many items or members; every other value passes.</summary>
internal sealed class SizeRule(string keyword, JsonValueKind kind, int least, int? most) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != kind) { return true; }
        var size = kind == JsonValueKind.Array ? spot.Instance.GetArrayLength() : spot.Instance.GetPropertyCount();
        var things = kind == JsonValueKind.Array ? "items" : "members";
        return size < least ? run.Fail(spot.At, keyword, $"at least {least} {things}, not {size}")
            : size <= (most ?? int.MaxValue) || run.Fail(spot.At, keyword, $"at most {most} {things}, not {size}");
    }
}

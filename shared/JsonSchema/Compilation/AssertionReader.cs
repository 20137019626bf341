using System.Text.Json;
using A2A.Micro.JsonSchema.Formats;
using A2A.Micro.JsonSchema.Keywords;

namespace A2A.Micro.JsonSchema.Compilation;

/// <summary>Reads the keywords that look at one value and at no other schema.</summary>
internal sealed class AssertionReader(KeywordReader schema)
{
    public void Read()
    {
        ReadKinds();
        ReadNumbers();
        ReadTexts();
        ReadSizes();
        if (schema.Has("required", out var required) && Names("required", required) is { } names) { schema.Add(new Required(names)); }
        ReadDependentRequired();
    }

    private void ReadKinds()
    {
        if (schema.Has("type", out var type))
        {
            var words = type.ValueKind == JsonValueKind.String ? [type.GetString()!] : Names("type", type);
            if (words is not null && (words.Length == 0 || words.Any(word => !TypeOf.Words.Contains(word))))
            {
                schema.Wrong("type", "one or several of " + string.Join(", ", TypeOf.Words));
            }
            else if (words is not null) { schema.Add(new TypeOf(words)); }
        }

        if (schema.Has("const", out var constant)) { schema.Add(new OneOfValues("const", [constant])); }
        if (!schema.Has("enum", out var values)) { return; }
        if (values.ValueKind == JsonValueKind.Array) { schema.Add(new OneOfValues("enum", [.. values.EnumerateArray()])); }
        else { schema.Wrong("enum", "a list of values"); }
    }

    private void ReadNumbers()
    {
        Bound("maximum", "at most", order => order <= 0);
        Bound("exclusiveMaximum", "less than", order => order < 0);
        Bound("minimum", "at least", order => order >= 0);
        Bound("exclusiveMinimum", "more than", order => order > 0);
        if (!schema.Has("multipleOf", out var step)) { return; }
        if (DecimalNumber.TryRead(step) is { } number && number.CompareTo(DecimalNumber.Zero) > 0)
        {
            schema.Add(new NumberRule("multipleOf", number.IsDivisorOf, "must be a multiple of " + step.GetRawText()));
        }
        else { schema.Wrong("multipleOf", "a number greater than 0"); }
    }

    private void Bound(string keyword, string words, Func<int, bool> fits)
    {
        if (!schema.Has(keyword, out var value)) { return; }
        if (DecimalNumber.TryRead(value) is not { } bound)
        {
            schema.Wrong(keyword, "a number");
            return;
        }

        schema.Add(new NumberRule(keyword, number => fits(number.CompareTo(bound)), $"must be {words} {value.GetRawText()}"));
    }

    private void ReadTexts()
    {
        if (schema.Count("maxLength") is { } longest)
        {
            schema.Add(new TextRule("maxLength", text => TextRule.Length(text) <= longest, $"at most {longest} characters"));
        }

        if (schema.Count("minLength") is { } shortest)
        {
            schema.Add(new TextRule("minLength", text => TextRule.Length(text) >= shortest, $"at least {shortest} characters"));
        }

        if (Word("pattern") is { } text && schema.Pattern("pattern", text) is { } pattern)
        {
            schema.Add(new TextRule("pattern", pattern.IsMatch, "must match the pattern " + text));
        }

        if (Word("format") is { } name && schema.Options.AssertsFormat && Format.Find(name) is { } format)
        {
            schema.Add(new TextRule("format", format.Holds, $"must be {format.Words}"));
        }
    }

    private void ReadSizes()
    {
        if (schema.Count("maxItems") is { } mostItems) { schema.Add(new SizeRule("maxItems", JsonValueKind.Array, 0, mostItems)); }
        if (schema.Count("minItems") is { } fewestItems) { schema.Add(new SizeRule("minItems", JsonValueKind.Array, fewestItems, null)); }
        if (schema.Count("maxProperties") is { } most) { schema.Add(new SizeRule("maxProperties", JsonValueKind.Object, 0, most)); }
        if (schema.Count("minProperties") is { } fewest) { schema.Add(new SizeRule("minProperties", JsonValueKind.Object, fewest, null)); }
        if (!schema.Has("uniqueItems", out var unique)) { return; }
        if (unique.ValueKind == JsonValueKind.True) { schema.Add(new UniqueItems()); }
        else if (unique.ValueKind != JsonValueKind.False) { schema.Wrong("uniqueItems", "true or false"); }
    }

    private void ReadDependentRequired()
    {
        if (!schema.Has("dependentRequired", out var map)) { return; }
        if (map.ValueKind != JsonValueKind.Object)
        {
            schema.Wrong("dependentRequired", "an object of lists of names");
            return;
        }

        var wanted = new List<(string, string[])>();
        foreach (var member in map.EnumerateObject())
        {
            if (Names("dependentRequired", member.Value) is { } names) { wanted.Add((member.Name, names)); }
        }

        schema.Add(new DependentRequired(wanted));
    }

    private string? Word(string keyword)
    {
        if (!schema.Has(keyword, out var value)) { return null; }
        if (value.ValueKind == JsonValueKind.String) { return value.GetString(); }
        schema.Wrong(keyword, "a text is expected");
        return null;
    }

    private string[]? Names(string keyword, JsonElement list)
    {
        if (list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String))
        {
            var names = list.EnumerateArray().Select(name => name.GetString()!).ToArray();
            if (names.Distinct(StringComparer.Ordinal).Count() == names.Length) { return names; }
        }

        schema.Wrong(keyword, "a list of different texts");
        return null;
    }
}

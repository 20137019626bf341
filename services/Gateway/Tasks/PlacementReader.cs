using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>Reads what a submission says about labels. Pure; the rules of the protocol judge what is read.</summary>
internal static class PlacementReader
{
    private static readonly string[] Members = ["label", "op", "value", "values"];

    /// <summary>What its agent must have.</summary>
    public static List<LabelConstraint>? Constraints(JsonFields fields, List<FieldError> errors) =>
        Each(fields, "constraints", errors, Members, (one, pointer) => new LabelConstraint
        {
            Label = one.Text("label") ?? "",
            Op = one.Word<LabelOp>("op") ?? LabelOp.Unknown,
            Value = one.Text("value"),
            Values = Values(one, pointer),
        });

    /// <summary>What its agent should have.</summary>
    public static List<LabelPreference>? Preferences(JsonFields fields, List<FieldError> errors) =>
        Each(fields, "preferences", errors, [.. Members, "weight"], (one, pointer) => new LabelPreference
        {
            Label = one.Text("label") ?? "",
            Op = one.Word<LabelOp>("op") ?? LabelOp.Unknown,
            Value = one.Text("value"),
            Values = Values(one, pointer),
            Weight = one.Whole("weight") ?? 1,
        });

    private static List<T>? Each<T>(
        JsonFields fields, string name, List<FieldError> errors, string[] members, Func<JsonFields, string, T> read)
    {
        if (fields.Any(name) is not { } member) { return null; }
        if (member.ValueKind != JsonValueKind.Array)
        {
            fields.Wrong("#/" + name, "an array is expected");
            return null;
        }

        // One more than may be: the rules then say that they are too many.
        return
        [
            .. member.EnumerateArray().Take(PlacementRules.ConstraintsMax + 1)
                .Select((one, i) => read(new JsonFields(one, $"#/{name}/{i}", errors, members), $"#/{name}/{i}")),
        ];
    }

    private static List<string>? Values(JsonFields one, string pointer)
    {
        if (one.Any("values") is not { } member) { return null; }
        if (member.ValueKind == JsonValueKind.Array && member.EnumerateArray().All(value => value.ValueKind == JsonValueKind.String))
        {
            return [.. member.EnumerateArray().Take(PlacementRules.ValuesMax + 1).Select(value => value.GetString()!)];
        }

        one.Wrong(pointer + "/values", "an array of texts is expected");
        return null;
    }
}

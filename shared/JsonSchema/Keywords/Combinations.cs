using A2A.Micro.JsonSchema.Compilation;
using A2A.Micro.JsonSchema.Evaluation;

namespace A2A.Micro.JsonSchema.Keywords;

/// <summary><c>allOf</c>.</summary>
internal sealed class AllOf(SchemaNode[] schemas) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        var valid = true;
        foreach (var schema in schemas)
        {
            valid &= run.Visit(schema, spot);
            if (!valid && run.IsQuiet) { return false; }
        }

        return valid;
    }
}

/// <summary><c>anyOf</c>. All are asked even when one is content, because what they looked at counts.</summary>
internal sealed class AnyOf(SchemaNode[] schemas) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        var valid = false;
        var branches = new List<IReadOnlyList<SchemaError>>();
        foreach (var schema in schemas)
        {
            if (run.VisitApart(schema, spot, out var errors)) { valid = true; }
            else { branches.Add(errors); }
        }

        return valid || Alternatives.Fail(run, spot, "anyOf", branches);
    }
}

/// <summary><c>oneOf</c>.</summary>
internal sealed class OneOf(SchemaNode[] schemas) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        var fitting = new List<int>();
        var branches = new List<IReadOnlyList<SchemaError>>();
        for (var i = 0; i < schemas.Length; i++)
        {
            if (run.VisitApart(schemas[i], spot, out var errors)) { fitting.Add(i + 1); }
            else { branches.Add(errors); }
        }

        return fitting.Count switch
        {
            1 => true,
            0 => Alternatives.Fail(run, spot, "oneOf", branches),
            _ => run.Fail(spot.At, "oneOf", $"must fit exactly one of {schemas.Length} alternatives, and fits {string.Join(" and ", fitting)}"),
        };
    }
}

/// <summary>What to say when none of several alternatives fits.</summary>
internal static class Alternatives
{
    /// <summary>
    /// When the value is of the type that exactly one alternative wants, then that one was meant, and its mistakes help more than the
    /// sentence that nothing fits.
    /// </summary>
    public static bool Fail(Run run, in Spot spot, string keyword, IReadOnlyList<IReadOnlyList<SchemaError>> branches)
    {
        if (run.IsQuiet) { return false; }
        var place = spot.At.ToString();
        var meant = branches
            .Where(errors => !errors.Any(error => error.Pointer == place && error.Keyword is "type" or "const" or "enum" or "false"))
            .Take(2).ToList();
        return meant.Count == 1
            ? run.Fail(meant[0])
            : run.Fail(spot.At, keyword, $"fits none of {branches.Count} alternatives");
    }
}

/// <summary><c>not</c>.</summary>
internal sealed class Not(SchemaNode schema) : Keyword
{
    // What is looked at in here says nothing about the value: it must not fit.
    public override bool Holds(in Spot spot, Run run) =>
        !run.VisitQuietly(schema, spot with { Marks = null }) || run.Fail(spot.At, "not", "is exactly what is excluded here");
}

/// <summary><c>if</c>, <c>then</c>, <c>else</c>.</summary>
internal sealed class IfThenElse(SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        var branch = run.VisitQuietly(condition, spot) ? then : otherwise;
        return branch is null || run.Visit(branch, spot);
    }
}

/// <summary><c>dependentSchemas</c>: who has this member must fit that schema.</summary>
internal sealed class DependentSchemas(Dictionary<string, SchemaNode> schemas) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != System.Text.Json.JsonValueKind.Object) { return true; }
        var valid = true;
        foreach (var (name, schema) in schemas)
        {
            if (spot.Instance.TryGetProperty(name, out _)) { valid &= run.Visit(schema, spot); }
        }

        return valid;
    }
}

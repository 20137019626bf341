using System.Text.Json;
using A2A.Micro.JsonSchema.Compilation;
using A2A.Micro.JsonSchema.Evaluation;

namespace A2A.Micro.JsonSchema.Keywords;

/// <summary><c>properties</c>, <c>patternProperties</c> and <c>additionalProperties</c>: the last takes what the first two leave.</summary>
internal sealed class Members(
    Dictionary<string, SchemaNode> named, List<(EcmaPattern Pattern, SchemaNode Schema)> patterns, SchemaNode? others) : Keyword
{
    private const int NamesShown = 20;
    private readonly string _known = named.Count == 0
        ? ""
        : "; known are " + string.Join(", ", named.Keys.Take(NamesShown)) + (named.Count > NamesShown ? " ..." : "");

    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != JsonValueKind.Object) { return true; }
        var valid = true;
        foreach (var member in spot.Instance.EnumerateObject())
        {
            run.Charge(1 + patterns.Count, spot.At);
            valid &= Holds(spot, member.Name, member.Value, run);
            if (!valid && run.IsQuiet) { return false; }
        }

        return valid;
    }

    private bool Holds(in Spot spot, string name, JsonElement value, Run run)
    {
        var (valid, known) = (true, false);
        var inner = spot.Member(name, value);
        if (named.TryGetValue(name, out var schema)) { (known, valid) = (true, run.Visit(schema, inner)); }
        foreach (var (pattern, pairing) in patterns)
        {
            if (!pattern.IsMatch(name)) { continue; }
            known = true;
            valid &= run.Visit(pairing, inner);
        }

        if (known || others is not null) { spot.Marks?.Member(name); }
        if (known || others is null) { return valid; }
        return others.Always == false
            ? run.Fail(inner.At, "additionalProperties", "is not known here" + _known)
            : run.Visit(others, inner);
    }
}

/// <summary><c>unevaluatedProperties</c>: for the members that no other keyword has looked at.</summary>
internal sealed class UnevaluatedMembers(SchemaNode schema) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != JsonValueKind.Object) { return true; }
        var valid = true;
        foreach (var member in spot.Instance.EnumerateObject())
        {
            if (spot.Marks!.HasMember(member.Name)) { continue; }
            run.Charge(1, spot.At);
            var inner = spot.Member(member.Name, member.Value);
            valid &= schema.Always == false
                ? run.Fail(inner.At, "unevaluatedProperties", "is not known here")
                : run.Visit(schema, inner);
            spot.Marks.Member(member.Name);
        }

        return valid;
    }
}

/// <summary><c>propertyNames</c>.</summary>
internal sealed class MemberNames(SchemaNode schema) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != JsonValueKind.Object) { return true; }
        var valid = true;
        foreach (var member in spot.Instance.EnumerateObject())
        {
            var name = JsonSerializer.SerializeToElement(member.Name);
            if (run.VisitApart(schema, new Spot(name, spot.At.Member(member.Name), null), out var errors)) { continue; }
            valid = run.Fail(errors.Select(error => error with { Message = "its name: " + error.Message }));
            if (run.IsQuiet) { return false; }
        }

        return valid;
    }
}

/// <summary><c>required</c>.</summary>
internal sealed class Required(string[] names) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != JsonValueKind.Object) { return true; }
        run.Charge(names.Length, spot.At);
        var valid = true;
        foreach (var name in names)
        {
            if (!spot.Instance.TryGetProperty(name, out _)) { valid = run.Fail(spot.At.Member(name), "required", "is required and missing"); }
        }

        return valid;
    }
}

/// <summary><c>dependentRequired</c>: who has this member must have those.</summary>
internal sealed class DependentRequired(List<(string Name, string[] Wanted)> rules) : Keyword
{
    public override bool Holds(in Spot spot, Run run)
    {
        if (spot.Instance.ValueKind != JsonValueKind.Object) { return true; }
        var valid = true;
        foreach (var (name, wanted) in rules)
        {
            run.Charge(1 + wanted.Length, spot.At);
            if (!spot.Instance.TryGetProperty(name, out _)) { continue; }
            foreach (var other in wanted)
            {
                if (!spot.Instance.TryGetProperty(other, out _))
                {
                    valid = run.Fail(spot.At.Member(other), "dependentRequired", $"is required where {name} is given");
                }
            }
        }

        return valid;
    }
}

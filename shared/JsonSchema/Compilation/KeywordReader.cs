using System.Text.Json;
using A2A.Micro.JsonSchema.Evaluation;
using A2A.Micro.JsonSchema.Keywords;

namespace A2A.Micro.JsonSchema.Compilation;

/// <summary>Turns the members of one schema object into keywords. Members that no keyword has for a name are remarks.</summary>
internal sealed class KeywordReader(SchemaCompiler compiler, SchemaNode node)
{
    /// <summary>Reads them all. The order is the order of complaints: what a value is comes before what is in it.</summary>
    public void Read()
    {
        if (node.Resource.Validates) { new AssertionReader(this).Read(); }
        ReadReferences();
        ReadCombinations();
        ReadMembers();
        ReadItems();
        CheckRemarks();
    }

    /// <summary>The options.</summary>
    public SchemaOptions Options => compiler.Options;

    /// <summary>A member of the schema.</summary>
    public bool Has(string name, out JsonElement value) => node.Element.TryGetProperty(name, out value);

    /// <summary>Takes a keyword in.</summary>
    public void Add(Keyword keyword) => node.Keywords.Add(keyword);

    /// <summary>Something is wrong with a member.</summary>
    public void Wrong(string keyword, string message) => compiler.Wrong(node, keyword, message);

    /// <summary>A pattern that is ready to be matched; null, and complained about, when it is none.</summary>
    public EcmaPattern? Pattern(string keyword, string text)
    {
        if (EcmaPattern.TryParse(text, Options.PatternTimeout, out var pattern, out var problem)) { return pattern; }
        Wrong(keyword, "no regular expression of ECMA-262: " + problem);
        return null;
    }

    /// <summary>A whole number of things; null, and complained about, when it is none.</summary>
    public int? Count(string keyword)
    {
        if (!Has(keyword, out var value)) { return null; }
        if (DecimalNumber.TryRead(value) is { IsInteger: true } number && number.CompareTo(DecimalNumber.Zero) >= 0)
        {
            return number.Clamped();
        }

        Wrong(keyword, "a whole number, 0 or more");
        return null;
    }

    private void ReadReferences()
    {
        if (Text("$ref", out var text))
        {
            var reference = new Reference();
            compiler.Refer(node, "$ref", text, target => reference.Target = target);
            Add(reference);
        }

        if (Text("$dynamicRef", out var dynamic))
        {
            var reference = new DynamicReference(dynamic);
            compiler.Refer(node, "$dynamicRef", dynamic, target => reference.Target = target);
            Add(reference);
        }
    }

    private void ReadCombinations()
    {
        if (List("allOf") is { } all) { Add(new AllOf(all)); }
        if (List("anyOf") is { } any) { Add(new AnyOf(any)); }
        if (List("oneOf") is { } one) { Add(new OneOf(one)); }
        if (Single("not") is { } not) { Add(new Not(not)); }
        if (Single("if") is { } condition) { Add(new IfThenElse(condition, Single("then"), Single("else"))); }
        if (Map("dependentSchemas") is { } dependents) { Add(new DependentSchemas(dependents)); }
    }

    private void ReadMembers()
    {
        if (Single("propertyNames") is { } names) { Add(new MemberNames(names)); }
        var (named, patterned, others) = (Map("properties"), Map("patternProperties"), Single("additionalProperties"));
        if (named is not null || patterned is not null || others is not null)
        {
            var patterns = new List<(EcmaPattern, SchemaNode)>();
            foreach (var (text, schema) in patterned ?? [])
            {
                if (Pattern("patternProperties", text) is { } pattern) { patterns.Add((pattern, schema)); }
            }

            Add(new Members(named ?? [], patterns, others));
        }

        if (Single("unevaluatedProperties") is { } rest)
        {
            compiler.UsesUnevaluated = true;
            node.Last.Add(new UnevaluatedMembers(rest));
        }
    }

    private void ReadItems()
    {
        var (first, items) = (List("prefixItems"), Single("items"));
        if (first is not null || items is not null) { Add(new Items(first ?? [], items)); }
        if (Single("contains") is { } wanted)
        {
            var (least, most) = node.Resource.Validates ? (Count("minContains"), Count("maxContains")) : (null, null);
            Add(new Contains(wanted, least ?? 1, most));
        }

        if (Single("unevaluatedItems") is { } rest)
        {
            compiler.UsesUnevaluated = true;
            node.Last.Add(new UnevaluatedItems(rest));
        }
    }

    private void CheckRemarks()
    {
        _ = Text("$id", out _);
        _ = Text("$schema", out _);
        _ = Text("$comment", out _);
        _ = Text("title", out _);
        _ = Text("description", out _);
        _ = Map("$defs");
    }

    private bool Text(string name, out string text)
    {
        text = "";
        if (!Has(name, out var value)) { return false; }
        if (value.ValueKind != JsonValueKind.String)
        {
            Wrong(name, "a text is expected");
            return false;
        }

        text = value.GetString()!;
        return true;
    }

    private SchemaNode? Single(string name) => Has(name, out _) ? SchemaCompiler.Child(node, "/" + name) : null;

    private SchemaNode[]? List(string name)
    {
        if (!Has(name, out var value)) { return null; }
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            Wrong(name, "a list of at least one schema");
            return null;
        }

        return [.. Enumerable.Range(0, value.GetArrayLength()).Select(index => SchemaCompiler.Child(node, $"/{name}/{index}"))];
    }

    private Dictionary<string, SchemaNode>? Map(string name)
    {
        if (!Has(name, out var value)) { return null; }
        if (value.ValueKind != JsonValueKind.Object)
        {
            Wrong(name, "an object of schemas");
            return null;
        }

        var map = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            map[member.Name] = SchemaCompiler.Child(node, $"/{name}/{InstancePath.Escape(member.Name)}");
        }

        return map;
    }
}

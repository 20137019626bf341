using A2A.Micro.JsonSchema.Compilation;
using A2A.Micro.JsonSchema.Evaluation;

namespace A2A.Micro.JsonSchema.Keywords;

/// <summary><c>$ref</c>: what another schema says of the same value.</summary>
internal sealed class Reference : Keyword
{
    public SchemaNode? Target { get; set; }

    public override bool Holds(in Spot spot, Run run) => run.Visit(Target!, spot);
}

/// <summary>
/// <c>$dynamicRef</c>: as <c>$ref</c>, but when it leads to a <c>$dynamicAnchor</c>, the outermost schema on the way here that has an
/// anchor of this name takes its place: so a schema can extend one that refers to itself.
/// </summary>
internal sealed class DynamicReference(string text) : Keyword
{
    private readonly string _name = text[(text.IndexOf('#', StringComparison.Ordinal) + 1)..];

    public SchemaNode? Target { get; set; }

    public override bool Holds(in Spot spot, Run run)
    {
        var target = Target!;
        if (target.Resource.DynamicAnchors.GetValueOrDefault(_name) == target)
        {
            foreach (var resource in run.Scope)
            {
                if (!resource.DynamicAnchors.TryGetValue(_name, out var outer)) { continue; }
                target = outer;
                break;
            }
        }

        return run.Visit(target, spot);
    }
}

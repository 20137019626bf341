using System.Text.Json;
using A2A.Micro.JsonSchema.Evaluation;

namespace A2A.Micro.JsonSchema.Compilation;

/// <summary>The schema of schemas. It is not a document here: whoever refers to it asks this compiler.</summary>
internal static class MetaSchema
{
    public const string Address = "https://json-schema.org/draft/2020-12/schema";

    public const string ValidationVocabulary = "https://json-schema.org/draft/2020-12/vocab/validation";

    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    public static SchemaNode Node(SchemaResource inside)
    {
        var node = new SchemaNode(Empty, "", inside, null);
        node.Keywords.Add(new IsSchema());
        return node;
    }

    private sealed class IsSchema : Keyword
    {
        public override bool Holds(in Spot spot, Run run)
        {
            // Reading costs what validating costs: in proportion to the size.
            run.Charge(spot.Instance.GetRawText().Length / 16, spot.At);
            var errors = SchemaCompiler.CheckShape(spot.Instance, run.Options);
            if (errors.Count == 0) { return true; }
            var place = spot.At.ToString();
            return run.Fail(errors.Select(error => error with { Pointer = place + error.Pointer[1..] }));
        }
    }
}

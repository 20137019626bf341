namespace A2A.Micro.JsonSchema.Compilation;

/// <summary>One JSON text with schemas in it.</summary>
internal sealed class SchemaDocument
{
    /// <summary>Its subschemas by their JSON pointers.</summary>
    public Dictionary<string, SchemaNode> Nodes { get; } = new(StringComparer.Ordinal);
}

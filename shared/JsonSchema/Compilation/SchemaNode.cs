using System.Text.Json;
using A2A.Micro.JsonSchema.Evaluation;

namespace A2A.Micro.JsonSchema.Compilation;

/// <summary>One subschema. Filled by the compiler, unchanged afterwards.</summary>
internal sealed class SchemaNode(JsonElement element, string pointer, SchemaResource? resource, SchemaResource? inside)
{
    /// <summary>Its text.</summary>
    public JsonElement Element { get; } = element;

    /// <summary>Where it stands in its document.</summary>
    public string Pointer { get; } = pointer;

    /// <summary>The resource that it belongs to: the nearest <c>$id</c> above it, or its own.</summary>
    public SchemaResource Resource { get; } = resource ?? inside ?? throw new ArgumentNullException(nameof(inside));

    /// <summary>What it says when it is true or false; null when it is an object.</summary>
    public bool? Always { get; } = element.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    /// <summary>What it asks for.</summary>
    public List<Keyword> Keywords { get; } = [];

    /// <summary>What is asked when all the others are content.</summary>
    public List<Keyword> Last { get; } = [];
}

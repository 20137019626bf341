namespace A2A.Micro.JsonSchema.Compilation;

/// <summary>A schema with an address of its own (<c>$id</c>), and everything in it up to the next such.</summary>
internal sealed class SchemaResource(Uri address, SchemaDocument document, string pointer, bool validates)
{
    public Uri Address { get; } = address;

    public SchemaDocument Document { get; } = document;

    /// <summary>Where it begins in its document.</summary>
    public string Pointer { get; } = pointer;

    /// <summary>Whether its dialect has the vocabulary of assertions (type, maximum ...); a <c>$schema</c> can leave it out.</summary>
    public bool Validates { get; } = validates;

    public Dictionary<string, SchemaNode> Anchors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SchemaNode> DynamicAnchors { get; } = new(StringComparer.Ordinal);
}

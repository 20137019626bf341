using System.Text.Json;
using A2A.Micro.JsonSchema.Keywords;

namespace A2A.Micro.JsonSchema.Compilation;

/// <summary>
/// Makes nodes of a schema: first every subschema gets its place and every address and anchor is known, then keywords are read, then
/// references are resolved. A reference may uncover further subschemas, so the last two go on until nothing is left.
/// </summary>
internal sealed class SchemaCompiler(SchemaOptions options)
{
    /// <summary>The address of a schema that has none.</summary>
    private static readonly Uri Nowhere = new("schema:///");

    private readonly List<SchemaError> _errors = [];
    private readonly Dictionary<string, SchemaResource> _resources = new(StringComparer.Ordinal);
    private readonly Queue<SchemaNode> _unread = new();
    private readonly List<(SchemaNode From, string Keyword, string Text, Action<SchemaNode> Use)> _references = [];
    private int _nodes;

    /// <summary>Whether a keyword needs to know what others have looked at.</summary>
    public bool UsesUnevaluated { get; set; }

    public SchemaOptions Options => options;

    /// <summary>The root of a whole schema.</summary>
    /// <exception cref="InvalidSchemaException">It cannot be used.</exception>
    public SchemaNode Compile(JsonElement schema)
    {
        var root = Index(schema, "", new SchemaDocument(), null);
        do
        {
            ReadKeywords();
            Link();
        }
        while (_unread.Count > 0);

        return _errors.Count == 0 ? root : throw new InvalidSchemaException(_errors);
    }

    /// <summary>What keeps a value from being a schema, its references aside.</summary>
    public static IReadOnlyList<SchemaError> CheckShape(JsonElement schema, SchemaOptions options)
    {
        var compiler = new SchemaCompiler(options);
        try
        {
            _ = compiler.Index(schema, "", new SchemaDocument(), null);
            compiler.ReadKeywords();
            return compiler._errors;
        }
        catch (InvalidSchemaException e)
        {
            return e.Errors;
        }
    }

    /// <summary>Something is wrong with a keyword.</summary>
    public void Wrong(SchemaNode node, string keyword, string message) =>
        Wrong(node.Pointer + (keyword.Length == 0 ? "" : "/" + keyword), keyword, message);

    /// <summary>A subschema of this one.</summary>
    public static SchemaNode Child(SchemaNode node, string step) => node.Resource.Document.Nodes[node.Pointer + step];

    /// <summary>Resolves a reference as soon as every address is known.</summary>
    public void Refer(SchemaNode from, string keyword, string text, Action<SchemaNode> use) => _references.Add((from, keyword, text, use));

    private SchemaNode Index(JsonElement schema, string pointer, SchemaDocument document, SchemaResource? inside, Uri? address = null)
    {
        if (++_nodes > options.NodesMax)
        {
            Wrong(pointer, "", $"more than {options.NodesMax} subschemas");
            throw new InvalidSchemaException(_errors);
        }

        var own = Enter(schema, pointer, document, inside, address);
        var node = new SchemaNode(schema, pointer, own, inside);
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            Wrong(pointer, "", "a schema is an object, or true or false");
        }

        document.Nodes[pointer] = node;
        _unread.Enqueue(node);
        Name(node, "$anchor", node.Resource.Anchors);
        Name(node, "$dynamicAnchor", node.Resource.Anchors, node.Resource.DynamicAnchors);
        foreach (var (step, child) in SchemaShape.Children(schema)) { _ = Index(child, pointer + step, document, node.Resource); }
        return node;
    }

    // The resource that begins here: at the root of a document, and wherever an address is given.
    private SchemaResource? Enter(JsonElement schema, string pointer, SchemaDocument document, SchemaResource? inside, Uri? address)
    {
        var id = Text(schema, "$id");
        if (inside is not null && id is null) { return null; }
        var outer = inside?.Address ?? address ?? Nowhere;
        if (Addresses.Resolve(outer, id ?? "") is not { } own || own.Fragment.Length > 1)
        {
            Wrong(pointer + "/$id", "$id", "an address without fragment");
            own = outer;
        }

        var resource = new SchemaResource(own, document, pointer, Validates(schema, pointer, inside));
        _resources[Addresses.Key(own)] = resource;
        // The address under which a document was fetched holds as well as the one that it gives itself.
        if (inside is null && address is not null) { _ = _resources.TryAdd(Addresses.Key(address), resource); }
        return resource;
    }

    private bool Validates(JsonElement schema, string pointer, SchemaResource? inside)
    {
        var dialect = Text(schema, "$schema");
        if (dialect is null) { return inside?.Validates ?? true; }
        if (dialect.TrimEnd('#') == MetaSchema.Address) { return true; }
        if (options.Documents.TryGetValue(dialect, out var meta) && meta.TryGetProperty("$vocabulary", out var words))
        {
            return words.TryGetProperty(MetaSchema.ValidationVocabulary, out _);
        }

        Wrong(pointer + "/$schema", "$schema", "only " + MetaSchema.Address + " is spoken here");
        return true;
    }

    private void Name(SchemaNode node, string keyword, params ReadOnlySpan<Dictionary<string, SchemaNode>> tables)
    {
        if (node.Element.ValueKind != JsonValueKind.Object || !node.Element.TryGetProperty(keyword, out var value)) { return; }
        var name = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        if (!Addresses.IsAnchor(name))
        {
            Wrong(node, keyword, "a name of letters, digits, - _ and . that begins with a letter or _");
            return;
        }

        foreach (var table in tables) { table[name] = node; }
    }

    private void ReadKeywords()
    {
        while (_unread.TryDequeue(out var node))
        {
            if (node.Always is null && node.Element.ValueKind == JsonValueKind.Object) { new KeywordReader(this, node).Read(); }
        }
    }

    private void Link()
    {
        var due = _references.ToList();
        _references.Clear();
        foreach (var (from, keyword, text, use) in due)
        {
            if (Find(from, text) is { } target) { use(target); }
            else { Wrong(from, keyword, "leads nowhere: a reference must lead into this schema; others are not fetched"); }
        }
    }

    private SchemaNode? Find(SchemaNode from, string text)
    {
        var hash = text.IndexOf('#', StringComparison.Ordinal);
        var (place, fragment) = hash < 0 ? (text, "") : (text[..hash], Uri.UnescapeDataString(text[(hash + 1)..]));
        if (Addresses.Resolve(from.Resource.Address, place) is not { } address) { return null; }
        if (Open(address) is not { } resource)
        {
            return Addresses.Key(address) == MetaSchema.Address && fragment.Length == 0 ? MetaSchema.Node(from.Resource) : null;
        }

        return fragment.Length == 0 || fragment[0] == '/'
            ? At(resource, fragment)
            : resource.Anchors.GetValueOrDefault(fragment);
    }

    private SchemaResource? Open(Uri address)
    {
        var key = Addresses.Key(address);
        if (_resources.TryGetValue(key, out var known)) { return known; }
        if (!options.Documents.TryGetValue(key, out var text)) { return null; }
        _ = Index(text, "", new SchemaDocument(), null, address);
        return _resources.GetValueOrDefault(key);
    }

    // A pointer may lead to a place that is no schema by itself, below a keyword that nobody knows: then it becomes one.
    private SchemaNode? At(SchemaResource resource, string pointer)
    {
        var nodes = resource.Document.Nodes;
        var whole = resource.Pointer + pointer;
        if (nodes.TryGetValue(whole, out var node)) { return node; }
        node = nodes[resource.Pointer];
        var (element, inside, path) = (node.Element, node.Resource, resource.Pointer);
        foreach (var step in pointer.Split('/').Skip(1))
        {
            path += "/" + step;
            if (!Addresses.Step(ref element, step)) { return null; }
            if (nodes.TryGetValue(path, out var near)) { inside = near.Resource; }
        }

        return Index(element, whole, resource.Document, inside);
    }

    private static string? Text(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private void Wrong(string pointer, string keyword, string message)
    {
        if (_errors.Count < options.ErrorsMax) { _errors.Add(new SchemaError("#" + pointer, keyword, message)); }
    }
}

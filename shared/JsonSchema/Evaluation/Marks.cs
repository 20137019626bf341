namespace A2A.Micro.JsonSchema.Evaluation;

/// <summary>Which members and items some subschema has looked at: what <c>unevaluatedProperties</c> and <c>unevaluatedItems</c> leave out.</summary>
internal sealed class Marks
{
    private HashSet<string>? _members;
    private HashSet<int>? _items;
    private int _leading;

    public void Member(string name) => (_members ??= new(StringComparer.Ordinal)).Add(name);

    public void Item(int index) => (_items ??= []).Add(index);

    /// <summary>The first items, this many.</summary>
    public void Leading(int count) => _leading = Math.Max(_leading, count);

    public bool HasMember(string name) => _members?.Contains(name) ?? false;

    public bool HasItem(int index) => index < _leading || (_items?.Contains(index) ?? false);

    /// <summary>Takes over what a subschema in the same place has looked at.</summary>
    public void Add(Marks other)
    {
        if (other._members is { } members) { (_members ??= new(StringComparer.Ordinal)).UnionWith(members); }
        if (other._items is { } items) { (_items ??= []).UnionWith(items); }
        Leading(other._leading);
    }
}

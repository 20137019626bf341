using System.Globalization;
using System.Text;

namespace A2A.Micro.JsonSchema.Evaluation;

/// <summary>Where in the instance; becomes text only when something is wrong there.</summary>
internal sealed class InstancePath
{
    private readonly InstancePath? _parent;
    private readonly string? _name;
    private readonly int _index;

    private InstancePath(InstancePath? parent, string? name, int index) => (_parent, _name, _index) = (parent, name, index);

    public static InstancePath Root { get; } = new(null, null, 0);

    public InstancePath Member(string name) => new(this, name, 0);

    public InstancePath Item(int index) => new(this, null, index);

    public override string ToString()
    {
        var tokens = new Stack<string>();
        for (var at = this; at._parent is not null; at = at._parent)
        {
            tokens.Push(at._name is { } name ? Escape(name) : at._index.ToString(CultureInfo.InvariantCulture));
        }

        var text = new StringBuilder("#");
        foreach (var token in tokens) { _ = text.Append('/').Append(token); }
        return text.ToString();
    }

    /// <summary>A name as one step of a JSON pointer (RFC 6901).</summary>
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}

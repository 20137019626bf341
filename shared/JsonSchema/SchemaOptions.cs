using System.Text.Json;

namespace A2A.Micro.JsonSchema;

/// <summary>How schemas are read, and how much work one validation may be.</summary>
public sealed record SchemaOptions
{
    /// <summary>What is used when nothing else is said.</summary>
    public static SchemaOptions Default { get; } = new();

    /// <summary>Whether <c>format</c> is checked. By the specification it is a remark only; ours is a gate.</summary>
    public bool AssertsFormat { get; init; } = true;

    /// <summary>Most subschemas inside one another in one validation: nesting of the instance times nesting of the schema.</summary>
    public int DepthMax { get; init; } = 200;

    /// <summary>Most steps of one validation. A step is one subschema met with one value, one comparison, or 64 characters read.</summary>
    public int StepsMax { get; init; } = 500_000;

    /// <summary>Most subschemas of one schema with the documents that it uses.</summary>
    public int NodesMax { get; init; } = 10_000;

    /// <summary>Most mistakes that are listed.</summary>
    public int ErrorsMax { get; init; } = 100;

    /// <summary>
    /// Longest time for one text and one pattern that needs backtracking (one with look-around or back references); every other
    /// pattern takes time proportional to the text.
    /// </summary>
    public TimeSpan PatternTimeout { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Further schema documents that may be referred to, by absolute address without fragment.</summary>
    public IReadOnlyDictionary<string, JsonElement> Documents { get; init; } = new Dictionary<string, JsonElement>();
}

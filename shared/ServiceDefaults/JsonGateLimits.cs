namespace A2A.Micro.ServiceDefaults;

/// <summary>What <see cref="JsonGate"/> lets through (security limits; reliability 8.2).</summary>
public sealed record JsonGateLimits
{
    /// <summary>The limits of the public API.</summary>
    public static JsonGateLimits Default { get; } = new();

    /// <summary>Deepest nesting; the root is 1.</summary>
    public int DepthMax { get; init; } = 32;

    /// <summary>Objects, arrays and plain values together.</summary>
    public int NodesMax { get; init; } = 10_000;

    /// <summary>Members of one object.</summary>
    public int KeysMax { get; init; } = 256;

    /// <summary>
    /// Bytes of one string or member name, as UTF-8 without escapes; strings within a member of <see cref="MemberBytesMax"/> only share its bound.
    /// </summary>
    public int StringBytesMax { get; init; } = 64 * 1024;

    /// <summary>Digits of one number, before and after the point together.</summary>
    public int NumberDigitsMax { get; init; } = 40;

    /// <summary>Largest exponent of a number, of either sign.</summary>
    public int ExponentMax { get; init; } = 300;

    /// <summary>
    /// Bytes of the value of a member of this name, as it was sent. Counts where the name is met first on the way down, so a
    /// <c>metadata</c> inside <c>parameters</c> is an ordinary member.
    /// </summary>
    public IReadOnlyDictionary<string, int> MemberBytesMax { get; init; } =
        new Dictionary<string, int>(StringComparer.Ordinal) { ["parameters"] = 256 * 1024, ["metadata"] = 16 * 1024 };

    /// <summary>Most errors that are collected before the rest is no longer looked at.</summary>
    public int ErrorsMax { get; init; } = 16;
}

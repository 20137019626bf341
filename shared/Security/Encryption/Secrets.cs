namespace A2A.Micro.Security.Encryption;

/// <summary>The secrets of one attempt, so that no text which leaves it repeats them. Immutable.</summary>
public sealed class Secrets
{
    private const string Hidden = "[sensitive]";

    // Shorter ones are found in any text, and hide nothing.
    private const int LengthMin = 4;
    private readonly string[] _texts;

    /// <param name="texts">What was sealed.</param>
    public Secrets(IEnumerable<string> texts) =>
        _texts = [.. texts.Where(text => text.Length >= LengthMin).Distinct(StringComparer.Ordinal).OrderByDescending(text => text.Length)];

    /// <summary>There are none.</summary>
    public static Secrets None { get; } = new([]);

    /// <summary>These and others.</summary>
    public Secrets And(IEnumerable<string> texts) => new(_texts.Concat(texts));

    /// <summary>The text without them.</summary>
    public string? Without(string? text) =>
        text is null ? null : _texts.Aggregate(text, static (left, secret) => left.Replace(secret, Hidden, StringComparison.Ordinal));
}

namespace A2A.Micro.Security.Signing;

/// <summary>A message as it was delivered, before anything of it was read.</summary>
/// <param name="MessageId">The transport's id of it.</param>
/// <param name="Audience">The endpoint that it was delivered at.</param>
/// <param name="Body">Its bytes.</param>
/// <param name="SignedText">The header <see cref="MessageCheck.TextHeader"/>.</param>
/// <param name="Signature">The header <see cref="SignatureLine.Header"/>.</param>
public readonly record struct SignedDelivery(string? MessageId, string Audience, ReadOnlyMemory<byte> Body, string? SignedText, string? Signature);

/// <summary>Whether a message is what its sender signed, for this reader and of this time. Pure.</summary>
public static class MessageCheck
{
    /// <summary>The header with the words that were signed.</summary>
    public const string TextHeader = "a2a-signed";

    /// <summary>The words, when the delivery is sound; null and why when it is not.</summary>
    /// <param name="delivery">What was delivered.</param>
    /// <param name="sender">Who the transport says it is: the only owner whose keys are looked at.</param>
    /// <param name="keys">Whose word counts.</param>
    /// <param name="window">How old it may be.</param>
    /// <param name="now">The time.</param>
    public static (CanonicalText? Words, string? Refusal) Check(
        SignedDelivery delivery, string sender, KeyRing keys, ReplayWindow window, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (delivery.SignedText is null || delivery.Signature is null) { return No("UNSIGNED"); }
        var lines = SignatureLine.Read(delivery.Signature);
        if (lines.Count == 0 || !CanonicalText.TryParse(delivery.SignedText.Replace('|', '\n'), out var words)) { return No("MALFORMED_SIGNATURE"); }
        if (words!.SenderId != sender) { return No("WRONG_SENDER"); }
        if (!keys.Verifies(sender, words, lines)) { return No("BAD_SIGNATURE"); }
        if (words.MessageId != delivery.MessageId) { return No("WRONG_MESSAGE_ID"); }
        if (words.Audience != delivery.Audience) { return No("WRONG_AUDIENCE"); }
        if (words.Digest != CanonicalText.DigestOf(delivery.Body.Span)) { return No("BODY_CHANGED"); }
        return window.Refuses(words.IssuedAt, now) is { } late ? No(late) : (words, null);

        static (CanonicalText?, string?) No(string reason) => (null, reason);
    }

    /// <summary>The words as a header: a header cannot hold line ends, and no value of ours holds a bar.</summary>
    /// <exception cref="SecurityBreachException">A value holds a bar.</exception>
    public static string HeaderOf(CanonicalText words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var text = words.Print();
        return text.Contains('|', StringComparison.Ordinal)
            ? throw new SecurityBreachException("a value with a bar cannot be signed")
            : text.Replace('\n', '|');
    }
}

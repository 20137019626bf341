using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace A2A.Micro.JsonSchema.Keywords;

/// <summary>
/// A regular expression of ECMA-262 with the <c>u</c> flag. It is matched in time proportional to the text wherever it can be; with
/// look-around or back references only under a time limit.
/// </summary>
internal sealed class EcmaPattern
{
    private readonly Regex _regex;

    private EcmaPattern(Regex regex) => _regex = regex;

    /// <summary>Whether the pattern is found anywhere in the text.</summary>
    /// <exception cref="RegexMatchTimeoutException">It took too long.</exception>
    public bool IsMatch(string text) => _regex.IsMatch(text);

    /// <summary>Reads a pattern.</summary>
    public static bool TryParse(
        string text, TimeSpan timeout, [NotNullWhen(true)] out EcmaPattern? pattern, [NotNullWhen(false)] out string? problem)
    {
        (pattern, problem) = (null, null);
        if (!EcmaTranslation.TryTranslate(text, out var translated, out problem)) { return false; }
        try
        {
            pattern = new EcmaPattern(Compile(translated, timeout));
            return true;
        }
        catch (ArgumentException)
        {
            problem = "it cannot be read";
            return false;
        }
    }

    private static Regex Compile(string text, TimeSpan timeout)
    {
        try
        {
            return new Regex(text, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, timeout * 10);
        }
        catch (NotSupportedException)
        {
            return new Regex(text, RegexOptions.CultureInvariant, timeout);
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace A2A.Micro.JsonSchema.Keywords;

/// <summary>Writes an ECMA-262 pattern in the language of .NET: the two look alike and mean different things in places.</summary>
internal sealed class EcmaTranslation
{
    private const string Digits = "0-9";
    private const string NoDigits = @"\u0000-/:-\uffff";
    private const string WordLetters = "A-Za-z0-9_";
    private const string NoWordLetters = @"\u0000-/:-@\[-\^`{-\uffff";
    private const string Spaces = @"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
    private const string NoSpaces =
        @"\u0000-\u0008\u000e-\u001f!-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\uffff";

    private const string SyntaxCharacters = @"^$\.*+?()[]{}|/";
    private static readonly string[] Groups = ["(?:", "(?=", "(?!", "(?<=", "(?<!"];

    private static readonly Dictionary<string, string> Categories = new(StringComparer.Ordinal)
    {
        ["Letter"] = "L", ["Uppercase_Letter"] = "Lu", ["Lowercase_Letter"] = "Ll", ["Titlecase_Letter"] = "Lt", ["Modifier_Letter"] = "Lm",
        ["Other_Letter"] = "Lo", ["Mark"] = "M", ["Number"] = "N", ["Decimal_Number"] = "Nd", ["digit"] = "Nd", ["Letter_Number"] = "Nl",
        ["Other_Number"] = "No", ["Punctuation"] = "P", ["punct"] = "P", ["Symbol"] = "S", ["Separator"] = "Z", ["Space_Separator"] = "Zs",
        ["Other"] = "C", ["Control"] = "Cc",
    };

    private readonly string _text;
    private readonly StringBuilder _written = new();
    private int _at;

    private EcmaTranslation(string text) => _text = text;

    public static bool TryTranslate(string text, out string translated, [NotNullWhen(false)] out string? problem)
    {
        var translation = new EcmaTranslation(text);
        problem = null;
        while (translation._at < text.Length && problem is null) { problem = translation.Next(); }
        translated = translation._written.ToString();
        return problem is null;
    }

    private string? Next()
    {
        var c = _text[_at];
        switch (c)
        {
            case '\\': return Escape(inClass: false);
            case '[': return Class();
            case '(': return Group();
            case '.': return Write(@"[^\n\r\u2028\u2029]", 1);
            case '$': return Write(@"\z", 1);
            default:
                return char.IsHighSurrogate(c) && _at + 1 < _text.Length
                    ? Write($"(?:{_text.AsSpan(_at, 2)})", 2)
                    : Write(c.ToString(), 1);
        }
    }

    private string? Group()
    {
        var rest = _text.AsSpan(_at);
        if (!rest.StartsWith("(?", StringComparison.Ordinal)) { return Write("(", 1); }
        foreach (var group in Groups)
        {
            if (rest.StartsWith(group, StringComparison.Ordinal)) { return Write(group, group.Length); }
        }

        var end = rest.IndexOf('>');
        return rest.StartsWith("(?<", StringComparison.Ordinal) && end > 3 && IsName(rest[3..end])
            ? Write(rest[..(end + 1)].ToString(), end + 1)
            : $"the group at {_at} is of no known kind";
    }

    private string? Class()
    {
        if (_text.AsSpan(_at).StartsWith("[]", StringComparison.Ordinal)) { return Write("(?!)", 2); }
        if (_text.AsSpan(_at).StartsWith("[^]", StringComparison.Ordinal)) { return Write(@"[\u0000-\uffff]", 3); }
        _ = Write("[", 1);
        if (_at < _text.Length && _text[_at] == '^') { _ = Write("^", 1); }
        while (_at < _text.Length && _text[_at] != ']')
        {
            var problem = _text[_at] switch
            {
                '\\' => Escape(inClass: true),
                '[' => Write(@"\[", 1),
                var c when char.IsSurrogate(c) => "characters beyond U+FFFF are not supported in a class",
                var c => Write(c.ToString(), 1),
            };
            if (problem is not null) { return problem; }
        }

        return _at < _text.Length ? Write("]", 1) : "a class is not closed";
    }

    private string? Escape(bool inClass)
    {
        if (_at + 1 >= _text.Length) { return "it ends in a backslash"; }
        var c = _text[_at + 1];
        return c switch
        {
            'd' => Set(Digits, inClass),
            'D' => Set(NoDigits, inClass),
            'w' => Set(WordLetters, inClass),
            'W' => Set(NoWordLetters, inClass),
            's' => Set(Spaces, inClass),
            'S' => Set(NoSpaces, inClass),
            'p' or 'P' => Category(c),
            'u' => CodePoint(inClass),
            'c' when _at + 2 < _text.Length && char.IsAsciiLetter(_text[_at + 2]) => Code(_text[_at + 2] & 31, 3),
            'x' when Hex(_at + 2, 2) is { } code => Code(code, 4),
            '0' => Code(0, 2),
            't' or 'n' or 'v' or 'f' or 'r' => Write("\\" + c, 2),
            'b' or 'B' when !inClass || c == 'b' => Write("\\" + c, 2),
            >= '1' and <= '9' when !inClass => Write("\\" + c, 2),
            'k' when !inClass && _text.AsSpan(_at + 2).StartsWith("<", StringComparison.Ordinal) => Write(@"\k", 2),
            '-' when inClass => Write(@"\-", 2),
            _ when SyntaxCharacters.Contains(c, StringComparison.Ordinal) => Write(c == '/' ? "/" : "\\" + c, 2),
            _ => $"\\{c} has no meaning",
        };
    }

    private string? Set(string members, bool inClass) => Write(inClass ? members : $"[{members}]", 2);

    private string? Category(char letter)
    {
        var end = _text.IndexOf('}', _at);
        if (end < 0 || _at + 2 >= _text.Length || _text[_at + 2] != '{') { return $"\\{letter} needs a category in braces"; }
        var name = _text[(_at + 3)..end];
        name = name[(name.IndexOf('=', StringComparison.Ordinal) + 1)..];
        var category = Categories.GetValueOrDefault(name, name);
        return category.Length is 1 or 2 && category.All(char.IsAsciiLetter)
            ? Write($"\\{letter}{{{category}}}", end + 1 - _at)
            : $"the Unicode property {name} is not supported";
    }

    private string? CodePoint(bool inClass)
    {
        if (Hex(_at + 2, 4) is { } four) { return Code(four, 6); }
        var end = _text.IndexOf('}', _at);
        if (end < 0 || _text[_at + 2] != '{' || Hex(_at + 3, end - _at - 3) is not { } code || code > 0x10FFFF) { return @"\u needs a code point"; }
        if (code <= 0xFFFF) { return Code(code, end + 1 - _at); }
        return inClass
            ? "characters beyond U+FFFF are not supported in a class"
            : Write($"(?:{char.ConvertFromUtf32(code)})", end + 1 - _at);
    }

    private string? Code(int code, int length) => Write($"\\u{code:x4}", length);

    private int? Hex(int from, int length) =>
        length is > 0 and <= 6 && from + length <= _text.Length
        && int.TryParse(_text.AsSpan(from, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? code
            : null;

    private static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsLetterOrDigit(c) && c is not ('_' or '$')) { return false; }
        }

        return !char.IsDigit(name[0]);
    }

    private string? Write(string text, int read)
    {
        _ = _written.Append(text);
        _at += read;
        return null;
    }
}

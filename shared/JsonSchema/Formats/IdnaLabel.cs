using System.Globalization;
using System.Text;

namespace A2A.Micro.JsonSchema.Formats;

/// <summary>Which characters a label of another script may hold: the rules of RFC 5892 that need no table of code points.</summary>
internal static class IdnaLabel
{
    // Appendix A: letters that are exceptions to the rule that letters are allowed.
    private const string Disallowed = "\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b";

    // And marks that are exceptions to the rule that only letters, digits and combining marks are.
    private const string Allowed = "\u00df\u03c2\u06fd\u06fe\u0f0b\u3007-";

    /// <summary>Whether this may be a label.</summary>
    public static bool IsValid(string label)
    {
        var runes = label.EnumerateRunes().ToArray();
        if (runes.Length == 0 || label[0] == '-' || label[^1] == '-') { return false; }
        if (runes.Length >= 4 && runes[2].Value == '-' && runes[3].Value == '-') { return false; }
        if (Rune.GetUnicodeCategory(runes[0]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark)
        {
            return false;
        }

        for (var i = 0; i < runes.Length; i++)
        {
            if (!IsAllowed(runes, i)) { return false; }
        }

        return !(runes.Any(rune => IsBetween(rune, 0x660, 0x669)) && runes.Any(rune => IsBetween(rune, 0x6f0, 0x6f9)));
    }

    private static bool IsAllowed(Rune[] runes, int at)
    {
        int Near(int step) => at + step >= 0 && at + step < runes.Length ? runes[at + step].Value : 0;
        switch (runes[at].Value)
        {
            case 0xb7: return Near(-1) == 'l' && Near(1) == 'l';
            case 0x375: return IsBetween(Near(1), 0x370, 0x3ff) || IsBetween(Near(1), 0x1f00, 0x1fff);
            case 0x5f3 or 0x5f4: return IsBetween(Near(-1), 0x591, 0x5f2);
            case 0x30fb: return runes.Any(IsJapanese);
            case 0x200d or 0x200c: return IsVirama(Near(-1)) || (runes[at].Value == 0x200c && IsBetween(Near(-1), 0x620, 0x6ff));
            case <= 0xffff and var value when Disallowed.Contains((char)value, StringComparison.Ordinal): return false;
            case <= 0xffff and var value when Allowed.Contains((char)value, StringComparison.Ordinal): return true;
        }

        return Rune.GetUnicodeCategory(runes[at]) is UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.UppercaseLetter;
    }

    private static bool IsJapanese(Rune rune) =>
        (IsBetween(rune, 0x3041, 0x30ff) && rune.Value != 0x30fb) || IsBetween(rune, 0x3400, 0x9fff) || rune.Value is 0x3005 or 0x3007;

    // Signs that join what stands before and after them, in the scripts of India and its neighbours.
    private static bool IsVirama(int value) => value is 0x94d or 0x9cd or 0xa4d or 0xacd or 0xb4d or 0xbcd or 0xc4d or 0xccd or 0xd4d
        or 0xdca or 0xe3a or 0xf84 or 0x1039 or 0x17d2;

    private static bool IsBetween(Rune rune, int first, int last) => IsBetween(rune.Value, first, last);

    private static bool IsBetween(int value, int first, int last) => value >= first && value <= last;
}

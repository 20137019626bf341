using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace A2A.Micro.JsonSchema.Keywords;

/// <summary>
/// A number of JSON exactly as it is written: digits times a power of ten. Nothing is rounded, so 0.1 divides 0.3, and 1e400 is larger
/// than 1e399. Exponents are never written out; work grows with the digits, of which there are at most <see cref="DigitsMax"/>.
/// </summary>
internal readonly struct DecimalNumber : IComparable<DecimalNumber>
{
    /// <summary>Most digits of a number that is looked at.</summary>
    public const int DigitsMax = 1000;

    private const int ExponentMax = 1_000_000_000;
    private readonly BigInteger _digits;
    private readonly int _exponent;

    private DecimalNumber(BigInteger digits, int exponent) => (_digits, _exponent) = (digits, exponent);

    public static DecimalNumber Zero => default;

    /// <summary>Whether nothing stands behind the point. The digits carry no trailing zero, so a negative exponent means that something does.</summary>
    public bool IsInteger => _exponent >= 0;

    /// <summary>The number; null when it is none or too long.</summary>
    public static DecimalNumber? TryRead(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number) { return null; }
        var text = value.GetRawText().AsSpan();
        var exponent = 0;
        if (text.IndexOfAny('e', 'E') is >= 0 and var e)
        {
            // An exponent out of any reason still compares as very large or very small.
            var power = text[(e + 1)..];
            exponent = int.TryParse(power, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small)
                ? Math.Clamp(small, -ExponentMax, ExponentMax)
                : power[0] == '-' ? -ExponentMax : ExponentMax;
            text = text[..e];
        }

        if (text.Length > DigitsMax) { return null; }
        var digits = text.ToString();
        if (digits.IndexOf('.', StringComparison.Ordinal) is >= 0 and var point)
        {
            exponent -= digits.Length - point - 1;
            digits = digits.Remove(point, 1);
        }

        var kept = digits.TrimEnd('0');
        exponent += digits.Length - kept.Length;
        return kept.TrimStart('-', '0').Length == 0
            ? Zero
            : new DecimalNumber(BigInteger.Parse(kept, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), exponent);
    }

    /// <summary>As a count, at most the largest int.</summary>
    public int Clamped() =>
        _exponent > 10 || BigInteger.Pow(10, Math.Max(0, _exponent)) * _digits is var whole && whole > int.MaxValue
            ? int.MaxValue
            : (int)whole;

    /// <summary>Whether the other one is a whole multiple of this one, which is greater than zero.</summary>
    public bool IsDivisorOf(DecimalNumber other)
    {
        if (other._digits.IsZero) { return true; }
        // Without trailing zeros the other's digits are no multiple of ten, so a finer number is a multiple of nothing coarser.
        if (other._exponent < _exponent) { return false; }
        var power = BigInteger.ModPow(10, other._exponent - (long)_exponent, _digits);
        return (other._digits * power % _digits).IsZero;
    }

    public int CompareTo(DecimalNumber other)
    {
        if (_digits.Sign != other._digits.Sign) { return _digits.Sign.CompareTo(other._digits.Sign); }
        if (_digits.IsZero) { return 0; }
        var size = (Places(_digits) + (long)_exponent).CompareTo(Places(other._digits) + (long)other._exponent);
        if (size != 0) { return size * _digits.Sign; }
        // Of the same size, the exponents differ by no more than the number of digits.
        var lowest = Math.Min(_exponent, other._exponent);
        return (_digits * BigInteger.Pow(10, _exponent - lowest)).CompareTo(other._digits * BigInteger.Pow(10, other._exponent - lowest));
    }

    private static int Places(BigInteger digits) => BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture).Length;
}

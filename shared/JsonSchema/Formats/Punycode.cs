using System.Text;

namespace A2A.Micro.JsonSchema.Formats;

/// <summary>RFC 3492: labels of other scripts in ASCII.</summary>
internal static class Punycode
{
    private const int Base = 36;
    private const int Least = 1;
    private const int Most = 26;

    /// <summary>What follows <c>xn--</c>, as text; null when it is malformed.</summary>
    public static string? Decode(string encoded)
    {
        var delimiter = encoded.LastIndexOf('-');
        var runes = new List<int>(delimiter > 0 ? encoded[..delimiter].Select(c => (int)c) : []);
        var (n, index, bias, at) = (128, 0L, 72, delimiter > 0 ? delimiter + 1 : 0);
        if (at >= encoded.Length) { return null; }
        while (at < encoded.Length)
        {
            var (start, weight) = (index, 1L);
            for (var k = Base; ; k += Base)
            {
                if (at >= encoded.Length || Digit(encoded[at++]) is not (>= 0 and var digit)) { return null; }
                index += digit * weight;
                var threshold = Math.Clamp(k - bias, Least, Most);
                if (digit < threshold) { break; }
                weight *= Base - threshold;
                if (index > int.MaxValue || weight > int.MaxValue) { return null; }
            }

            bias = Adapt(index - start, runes.Count + 1, start == 0);
            n += (int)(index / (runes.Count + 1));
            index %= runes.Count + 1;
            if (!Rune.IsValid(n)) { return null; }
            runes.Insert((int)index++, n);
        }

        return string.Concat(runes.Select(char.ConvertFromUtf32));
    }

    /// <summary>How long the text would be, without <c>xn--</c>.</summary>
    public static int EncodedLength(string text)
    {
        var runes = text.EnumerateRunes().Select(rune => rune.Value).ToArray();
        var basic = runes.Count(rune => rune < 128);
        var (length, handled, n, delta, bias) = (basic + (basic > 0 ? 1 : 0), basic, 128, 0L, 72);
        while (handled < runes.Length)
        {
            var next = runes.Where(rune => rune >= n).Min();
            delta += (next - n) * (long)(handled + 1);
            n = next;
            foreach (var rune in runes)
            {
                if (rune < n) { delta++; }
                if (rune != n) { continue; }
                length += Digits(delta, bias);
                bias = Adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled++;
            }

            delta++;
            n++;
        }

        return length;
    }

    private static int Digits(long number, int bias)
    {
        var digits = 1;
        for (var k = Base; ; k += Base, digits++)
        {
            var threshold = Math.Clamp(k - bias, Least, Most);
            if (number < threshold) { return digits; }
            number = (number - threshold) / (Base - threshold);
        }
    }

    private static int Adapt(long delta, int points, bool first)
    {
        delta = first ? delta / 700 : delta / 2;
        delta += delta / points;
        var k = 0;
        for (; delta > (Base - Least) * Most / 2; k += Base) { delta /= Base - Least; }
        return (int)(k + (Base - Least + 1) * delta / (delta + 38));
    }

    private static int Digit(char c) => c switch
    {
        >= 'a' and <= 'z' => c - 'a',
        >= 'A' and <= 'Z' => c - 'A',
        >= '0' and <= '9' => c - '0' + 26,
        _ => -1,
    };
}

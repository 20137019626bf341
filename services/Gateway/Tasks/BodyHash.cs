using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Fingerprint of what a caller sent (G2, conventions C6): SHA-256 of canonical JSON, so that white space, the order of members and
/// the spelling of a number (<c>16.0</c>, <c>16</c>, <c>1.6e1</c>) do not make a repeat look like another request.
/// </summary>
public static class BodyHash
{
    /// <summary>The fingerprint, 32 bytes.</summary>
    public static byte[] Of(JsonElement body)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, body);
        }

        return SHA256.HashData(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray()) { Write(writer, item); }
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                WriteNumber(writer, element);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    // A number with more digits than a decimal holds keeps its own spelling: equal spelling is still equal.
    private static void WriteNumber(Utf8JsonWriter writer, JsonElement number)
    {
        var text = number.GetRawText();
        var digits = text.Count(char.IsAsciiDigit);
        if (digits <= 28 && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && (value != 0 || IsZero(text)))
        {
            writer.WriteRawValue(value.ToString("0.############################", CultureInfo.InvariantCulture));
            return;
        }

        writer.WriteRawValue(text);
    }

    // 1e-40 rounds to zero as a decimal and must not be taken for it.
    private static bool IsZero(string text) =>
        text.TakeWhile(c => c is not ('e' or 'E')).All(c => c is '0' or '.' or '-');
}

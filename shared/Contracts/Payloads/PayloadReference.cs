using System.Runtime.InteropServices;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Payloads;

/// <summary>
/// What stands in the place of parameters or of a result that is too large to travel with every message: <c>{"$payload": {..}}</c> and nothing else.
/// The bytes lie at the Gateways; whoever is handed the reference asks for them there (claim check, requirement 70).
/// </summary>
public sealed record PayloadReference
{
    /// <summary>The one member of what stands in the place; callers may not use it there.</summary>
    public const string Mark = "$payload";

    /// <summary>Largest payload as JSON, in bytes.</summary>
    public const int BytesMax = 16 * 1024 * 1024;

    /// <summary>Parameters above this travel by reference; parts of them can then no longer be set by dependencies.</summary>
    public const int ParametersInlineMax = 256 * 1024;

    /// <summary>A result above this travels by reference.</summary>
    public const int ResultInlineMax = 1024 * 1024;

    // Longer than any reference that we write.
    private const int TextMax = 512;

    /// <summary>Names it; cannot be guessed.</summary>
    public required Guid PayloadId { get; init; }

    /// <summary>Length of the JSON in bytes.</summary>
    public required int Bytes { get; init; }

    /// <summary>SHA-256 of the JSON, in hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>In how many parts it travels, 1..100.</summary>
    public required int Parts { get; init; }

    /// <summary>The reference that stands in this place; null when the value is what it is.</summary>
    public static PayloadReference? Of(JsonElement? value)
    {
        if (value is not { ValueKind: JsonValueKind.Object } given || !Claims(given)) { return null; }
        try
        {
            var said = given.GetProperty(Mark).Deserialize<PayloadReference>(WireJson.Options);
            return said is { Bytes: > 0 and <= BytesMax, Sha256.Length: 64, Parts: >= 1 and <= PayloadPacking.PartsMax } ? said : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a value looks like a reference, sound or not. Looks at the beginning only, so that an ordinary value costs next to nothing.</summary>
    public static bool Claims(JsonElement value) => value.ValueKind == JsonValueKind.Object
        && JsonMarshal.GetRawUtf8Value(value).Length <= TextMax
        && value.EnumerateObject().FirstOrDefault() is { Value.ValueKind: not JsonValueKind.Undefined, Name: Mark }
        && value.GetPropertyCount() == 1;

    /// <summary>What stands in the place.</summary>
    public JsonElement Element() =>
        JsonSerializer.SerializeToElement(new Dictionary<string, PayloadReference>(StringComparer.Ordinal) { [Mark] = this }, WireJson.Options);
}

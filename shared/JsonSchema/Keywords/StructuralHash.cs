using System.Text.Json;

namespace A2A.Micro.JsonSchema.Keywords;

/// <summary>A hash of a JSON value: equal for values that JSON Schema calls equal, 1 and 1.0 among them, members in any order.</summary>
internal static class StructuralHash
{
    public static int Of(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return value.GetString()!.GetHashCode(StringComparison.Ordinal);
            case JsonValueKind.Number:
                // Equal numbers are the same double; -0 is 0.
                return value.TryGetDouble(out var number) ? (number + 0.0).GetHashCode() : 0;
            case JsonValueKind.Array:
                var list = new HashCode();
                foreach (var item in value.EnumerateArray()) { list.Add(Of(item)); }
                return list.ToHashCode();
            case JsonValueKind.Object:
                var sum = 17;
                foreach (var member in value.EnumerateObject())
                {
                    sum = unchecked(sum + HashCode.Combine(member.Name.GetHashCode(StringComparison.Ordinal), Of(member.Value)));
                }

                return sum;
            default:
                return (int)value.ValueKind;
        }
    }
}

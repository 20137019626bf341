using System.Text.Json;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// What of a task's metadata lists can be narrowed by: its plain members as <c>name=value</c>, a number and a boolean as they were written. Bounded,
/// because each becomes a row of an index. Pure.
/// </summary>
public static class TaskLabels
{
    /// <summary>Members that count; those after them can be read, but not be searched for.</summary>
    public const int LabelsMax = 32;

    /// <summary>Characters of name and value together; a longer member is left out.</summary>
    public const int LengthMax = 256;

    /// <summary>The labels of metadata, each once.</summary>
    public static IReadOnlyList<string> Of(JsonElement? metadata)
    {
        if (metadata is not { ValueKind: JsonValueKind.Object } members) { return []; }
        var labels = new List<string>();
        foreach (var member in members.EnumerateObject())
        {
            if (labels.Count == LabelsMax) { break; }
            if (Value(member.Value) is { } value && member.Name.Length + value.Length <= LengthMax && $"{member.Name}={value}" is var label
                && !label.Contains('\0', StringComparison.Ordinal) && !labels.Contains(label))
            {
                labels.Add(label);
            }
        }

        return labels;
    }

    private static string? Value(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which no database holds as text.
            return null;
        }
    }
}

/// <summary>One label of a task as it is stored.</summary>
public sealed class TaskLabelRow
{
    /// <summary><c>name=value</c>.</summary>
    public required string Label { get; init; }

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }
}

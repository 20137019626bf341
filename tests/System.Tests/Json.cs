using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>Reads members of answers; what is absent reads as empty, so that a failure shows the whole answer and not an exception.</summary>
internal static class Json
{
    public static string Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member.ToString() : "";

    public static long Whole(this JsonElement json, string name) => json.GetProperty(name).GetInt64();

    public static DateTimeOffset Time(this JsonElement json, string name) => json.GetProperty(name).GetDateTimeOffset();

    public static bool Ended(this JsonElement task) =>
        task.Text("state") is "completed" or "failed" or "cancelled" or "rejected" or "expired";

    /// <summary>Whether a version is the step that ended the task: a partial result may be recorded after it.</summary>
    public static bool IsEnd(this JsonElement change) => change.Text("kind") == "transition" && change.Ended();
}

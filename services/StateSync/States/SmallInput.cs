using System.Runtime.InteropServices;
using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.StateSync.States;

/// <summary>
/// Parameters and metadata that are small enough to be remembered, so that the end of a task can be announced with its whole document.
/// </summary>
public sealed record SmallInput(JsonElement? Parameters, JsonElement? Metadata)
{
    /// <summary>Most bytes of what may be large in a document that is announced; every process that watches tasks gets it.</summary>
    private const int BytesMax = 4 * 1024;

    // Dependencies and members of a group are small each.
    private const int RelativesMax = 8;

    /// <summary>What is known of them after a step.</summary>
    internal static SmallInput? After(SmallInput? known, TaskDocument? before, TaskTransitioned step, TaskDocument after)
    {
        // What was made before the end is not remembered: then the document is not known whole any more.
        if (after is { EndedAt: null } and not { Result: null, ExecutionMetadata: null }) { return null; }
        var isSaid = before is null || step.Amendment?.Metadata is not null;
        return isSaid ? Of(after) : known;
    }

    private static SmallInput? Of(TaskDocument document) =>
        Bytes(document.Parameters) + Bytes(document.Metadata) <= BytesMax ? new SmallInput(document.Parameters, document.Metadata) : null;

    /// <summary>The whole document of a task that has ended, as JSON text; null when it has not, when it is large, or when not all of it is known.</summary>
    public static string? WholeOf(TaskRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record is not { Document: { EndedAt: not null } document, Input: { } input }) { return null; }
        var whole = document with { Parameters = input.Parameters, Metadata = input.Metadata };
        return Bytes(whole.Parameters) + Bytes(whole.Metadata) + Bytes(whole.Result) + Bytes(whole.ExecutionMetadata) + Bytes(whole.Metrics) <= BytesMax
            && whole is { Group: null, Dependencies: null or { Count: <= RelativesMax } }
            ? StoredJson.Write(whole)
            : null;
    }

    private static int Bytes(JsonElement? value) => value is { } given ? JsonMarshal.GetRawUtf8Value(given).Length : 0;
}

using System.Text.Json;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.ServiceDefaults;

/// <summary>
/// MassTransit keeps one set of JSON options for all buses of a process and offers it for change to each of them. Ours is made
/// once, from the untouched original; a second bus gets the same instance back, so converters never pile up.
/// </summary>
public static class BusJson
{
    private static readonly Lock Gate = new();
    private static JsonSerializerOptions? _ours;

    /// <summary>The options of the bus; for <c>ConfigureJsonSerializerOptions</c>.</summary>
    public static JsonSerializerOptions Once(JsonSerializerOptions original)
    {
        lock (Gate)
        {
            if (_ours is not null) { return _ours; }
            var made = WireJson.ApplyInsideEnvelope(original);
            made.WriteIndented = false; // indentation is a quarter of a small message
            // Nobody writes them, and a reader that has to look out for them is slower at every token.
            made.ReadCommentHandling = JsonCommentHandling.Disallow;
            made.AllowTrailingCommas = false;
            return _ours = made;
        }
    }
}

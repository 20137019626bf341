using System.Text.Json;
using A2A.Micro.AgentSdk.Files;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.FileConversion;

/// <summary>Where a conversion can be gone on with: the resume token of the agent.</summary>
/// <param name="Rows">Rows that are written.</param>
/// <param name="File">What is on the disk.</param>
/// <param name="Job">What is converted into what, with size and time of the source: a token of another job is of no use.</param>
/// <param name="Columns">The header of a CSV file, which takes a whole reading of the source to find; absent when it is long.</param>
internal sealed record ConversionState(long Rows, SavePoint File, string Job, IReadOnlyList<string>? Columns)
{
    private const int ColumnsCharactersMax = 16 * 1024;

    public string Write() => JsonSerializer.Serialize(
        this with { Columns = Columns?.Sum(name => name.Length) <= ColumnsCharactersMax ? Columns : null }, WireJson.Options);

    /// <summary>Reads a token; null when it is none of ours, or belongs to another job.</summary>
    public static ConversionState? Read(string? token, string job)
    {
        try
        {
            return token is not null && JsonSerializer.Deserialize<ConversionState>(token, WireJson.Options) is { File.File: not null } state
                && state.Job == job && state.Rows > 0
                    ? state
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using System.Text.Json;

namespace A2A.Micro.JsonSchema.Tests;

/// <summary>The cases of the JSON-Schema-Test-Suite, draft 2020-12, in the folder that <c>A2A_JSON_SCHEMA_SUITE</c> names.</summary>
internal static class OfficialSuite
{
    public const string Variable = "A2A_JSON_SCHEMA_SUITE";

    private const string Draft = "draft2020-12";

    public static string? Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>Every case below a folder of the draft; files directly in it only.</summary>
    public static IEnumerable<OfficialCase> Cases(string below)
    {
        var folder = Path.Combine(Folder!, "tests", Draft, below);
        foreach (var file in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var name = Path.Combine(below, Path.GetFileNameWithoutExtension(file));
            foreach (var group in Read(file).EnumerateArray())
            {
                foreach (var test in group.GetProperty("tests").EnumerateArray())
                {
                    yield return new OfficialCase(
                        $"{name} | {group.GetProperty("description").GetString()} | {test.GetProperty("description").GetString()}",
                        group.GetProperty("schema"),
                        test.GetProperty("data"),
                        test.GetProperty("valid").GetBoolean());
                }
            }
        }
    }

    /// <summary>The documents that the suite refers to, by their addresses.</summary>
    public static Dictionary<string, JsonElement> Remotes()
    {
        var folder = Path.Combine(Folder!, "remotes");
        return Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).ToDictionary(
            file => "http://localhost:1234/" + Path.GetRelativePath(folder, file).Replace('\\', '/'), Read);
    }

    private static JsonElement Read(string file) => JsonElement.Parse(File.ReadAllText(file));
}

/// <summary>One case.</summary>
internal sealed record OfficialCase(string Name, JsonElement Schema, JsonElement Data, bool Valid);

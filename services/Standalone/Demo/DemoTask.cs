using System.Text.Json;
using System.Text.Json.Nodes;

namespace A2A.Micro.Standalone.Demo;

/// <summary>One piece of work that the demo asks for.</summary>
/// <param name="Says">What is asked, for a person.</param>
/// <param name="Body">The submission.</param>
internal sealed record DemoTask(string Says, JsonObject Body)
{
    /// <summary>The work for these files; for the shipped samples when there are none.</summary>
    public static IReadOnlyList<DemoTask> For(IReadOnlyList<string> files) =>
        files.Count == 0
            ?
            [
                Analysis("sales_2024.csv"),
                Conversion("customers.json", "csv"),
                Image("1280x720", "a futuristic cityscape at sunset"),
            ]
            : [.. files.SelectMany(OfFile)];

    private static IEnumerable<DemoTask> OfFile(string path)
    {
        if (Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase))
        {
            yield return Analysis(path);
            yield return Conversion(path, "ndjson");
        }
        else
        {
            yield return Conversion(path, "csv");
        }
    }

    private static DemoTask Analysis(string path) => new(
        $"analyse {Path.GetFileName(path)}",
        Submission("data.analysis", new { dataset_path = path, analysis_type = "trend_analysis" }));

    private static DemoTask Conversion(string path, string target) => new(
        $"convert {Path.GetFileName(path)} to {target}",
        Submission("file.conversion", new { source_path = path, target_format = target }));

    private static DemoTask Image(string resolution, string prompt) => new(
        $"draw {resolution}, \"{prompt}\"",
        Submission("image.generation", new { resolution, prompt, max_iterations = 2000 }));

    private static JsonObject Submission(string type, object parameters) => new()
    {
        ["task_type"] = type,
        ["parameters"] = JsonSerializer.SerializeToNode(parameters),
        ["metadata"] = new JsonObject { ["request_source"] = "demo" },
    };
}

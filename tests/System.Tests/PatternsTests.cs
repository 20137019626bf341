using System.Diagnostics;
using System.Text;

namespace A2A.Micro.System.Tests;

/// <summary>docs/patterns.md is what a person pastes into a shell: every example runs and prints what the page says.</summary>
[Trait("Requirement", "7")]
[Trait("Requirement", "63")]
[Trait("Requirement", "79")]
[Trait("Requirement", "80")]
[Trait("Requirement", "81")]
[Trait("Requirement", "82")]
public sealed class PatternsTests
{
    private const string Mark = "=== what the page says next ===";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Every_example_of_the_page_prints_what_the_page_says()
    {
        var port = FreePort.Next();
        await using var standalone = RunningProcess.Start(
            Repository.Assembly("Standalone"), arguments: ["--no-demo", "--port", $"{port}", "--A2A:Scheduler:InitialBackoff=00:00:00.1"]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        _ = await Eventually.Seen(
            async cancel => await AgentsOnline(http, cancel), online => online == 4, "the four agents are online", within: Patience);
        var examples = Examples().ToList();

        var printed = await Run(string.Join($"\necho '{Mark}'\n", examples.Select(example => example.Script))
            .Replace("http://127.0.0.1:8080", $"http://127.0.0.1:{port}", StringComparison.Ordinal));

        Assert.Equal(
            examples.Select(example => example.Script + "\n---\n" + example.Prints),
            examples.Zip(printed.Split(Mark + "\n")).Select(pair => pair.First.Script + "\n---\n" + pair.Second.Trim()));
    }

    // A block of shell, and the block of text below it, if there is one before the next block of shell.
    private static IEnumerable<(string Script, string Prints)> Examples()
    {
        var (script, text, kind) = ((StringBuilder?)null, new StringBuilder(), "");
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "docs", "patterns.md")).Append("```bash"))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                kind = kind.Length > 0 ? "" : line[3..];
                if (kind != "bash") { continue; }
                if (script is not null) { yield return (script.ToString().Trim(), text.ToString().Trim()); }
                (script, text) = (new StringBuilder(), new StringBuilder());
            }
            else if (kind == "bash") { _ = script!.Append(line).Append('\n'); }
            else if (kind == "text") { _ = text.Append(line).Append('\n'); }
        }
    }

    private static async Task<string> Run(string script)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var shell = Process.Start(start)!;
        var (said, complained) = (shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await shell.StandardInput.WriteAsync(script);
        shell.StandardInput.Close();
        try
        {
            await shell.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            shell.Kill(entireProcessTree: true);
        }

        Assert.True(shell.ExitCode == 0, $"exit code {shell.ExitCode}\n{await complained}\n{await said}");
        return await said;
    }

    private static async Task<int> AgentsOnline(HttpClient http, CancellationToken cancel)
    {
        var text = await http.GetStringAsync("/v1/agents", cancel);
        return text.Split("\"online\"").Length - 1;
    }
}

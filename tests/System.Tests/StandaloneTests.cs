using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>The whole system in one process, as <c>run.sh</c> starts it.</summary>
public sealed class StandaloneTests
{
    private static readonly TimeSpan SoonEnough = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task The_demo_does_its_three_tasks_and_ends_when_told_to()
    {
        var port = FreePort.Next();
        await using var standalone = Start("--port", $"{port}");
        _ = await standalone.Says("Try next", Patience);

        var tasks = await Completed(port);
        Assert.Equal(
            ["data.analysis", "file.conversion", "image.generation"], tasks.Select(task => task.Text("task_type")).Order());
        await EndsWell(standalone);
    }

    [Fact]
    public async Task A_file_of_the_user_is_analysed_and_converted()
    {
        var folder = Directory.CreateTempSubdirectory("a2a-own-").FullName;
        var file = Path.Combine(folder, "mine.csv");
        await File.WriteAllTextAsync(file, "name,age\nAda,36\nGrace,85\n");
        var port = FreePort.Next();
        await using var standalone = Start("--port", $"{port}", "--file", file);
        _ = await standalone.Says("Try next", Patience);

        var tasks = await Completed(port);
        Assert.Equal(["data.analysis", "file.conversion"], tasks.Select(task => task.Text("task_type")).Order());
        var analysis = await Read(port, "/v1/tasks/" + tasks.Single(task => task.Text("task_type") == "data.analysis").Text("task_id"));
        Assert.Equal(2, analysis.GetProperty("result").Whole("rows"));
        await EndsWell(standalone);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_refused_in_one_sentence()
    {
        await using var standalone = Start("--file", "/no/such/file.csv");
        await Eventually.True(() => standalone.HasExited, "it has ended", standalone.Tail, Patience);
        Assert.Equal(2, standalone.ExitCode);
        Assert.Equal("There is no file /no/such/file.csv.", await standalone.Says("no file"));
        _ = Assert.Single(standalone.Output, line => line.Length > 0);
    }

    [Fact]
    public async Task It_ends_when_told_to_although_nobody_reads_what_it_says()
    {
        var port = FreePort.Next();
        var start = new ProcessStartInfo("dotnet", [Repository.Assembly("Standalone"), "--port", $"{port}"])
        {
            RedirectStandardOutput = true,
        };
        using var standalone = Process.Start(start)!;
        try
        {
            _ = await standalone.StandardOutput.ReadLineAsync();
            standalone.StandardOutput.Close(); // as head -1 does
            _ = await Eventually.Seen(_ => Completed(port), tasks => tasks.Count == 3, "the demo is done", within: Patience);

            using var kill = Process.Start("kill", ["-TERM", $"{standalone.Id}"]);
            using var limit = new CancellationTokenSource(SoonEnough, TimeProvider.System);
            await standalone.WaitForExitAsync(limit.Token);
            Assert.Equal(0, standalone.ExitCode);
        }
        finally
        {
            standalone.Kill();
        }
    }

    private static RunningProcess Start(params string[] arguments) =>
        RunningProcess.Start(Repository.Assembly("Standalone"), arguments: arguments);

    private static async Task EndsWell(RunningProcess standalone)
    {
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await standalone.Stop());
        Assert.True(watch.Elapsed < SoonEnough, $"it took {watch.Elapsed} to end{standalone.Tail()}");
    }

    private static async Task<IReadOnlyList<JsonElement>> Completed(int port) =>
        [.. (await Read(port, "/v1/tasks?status=completed")).GetProperty("tasks").EnumerateArray()];

    private static async Task<JsonElement> Read(int port, string path)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        return await http.GetFromJsonAsync<JsonElement>(path);
    }
}

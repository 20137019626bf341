using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;

namespace A2A.Micro.Standalone.Demo;

/// <summary>
/// The main job, done the way any submitter would do it: over HTTP. Submits, follows every task's event stream, prints the results and
/// what to try next, and leaves the system running.
/// </summary>
internal sealed class DemoJob(Arguments arguments, IServer server, IHostApplicationLifetime lifetime, TimeProvider clock)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Started(stoppingToken).ConfigureAwait(false);
            var url = server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
            using var http = new HttpClient { BaseAddress = new Uri(url), Timeout = Timeout.InfiniteTimeSpan };
            Console.WriteLine($"A2A.Micro listens on {url} (API to try: {url}/docs)");
            Console.WriteLine();
            var last = "TASK_ID";
            if (arguments.Demo) { last = await Run(http, stoppingToken).ConfigureAwait(false); }
            SayWhatNext(url, last);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Ctrl-C while the job runs
        }
    }

    private async Task Started(CancellationToken stopping)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult).ConfigureAwait(false);
        await started.Task.WaitAsync(stopping).ConfigureAwait(false);
    }

    private async Task<string> Run(HttpClient http, CancellationToken stopping)
    {
        var tasks = DemoTask.For(arguments.Files);
        var board = new ProgressBoard([.. tasks.Select(task => task.Says)]);
        var ended = await Task.WhenAll(tasks.Select((task, line) => Follow(http, task, board, line, stopping))).ConfigureAwait(false);
        Console.WriteLine();
        for (var i = 0; i < tasks.Count; i++) { Print(tasks[i], ended[i], http.BaseAddress!); }
        return ended[0].GetProperty("task_id").GetString()!;
    }

    private async Task<JsonElement> Follow(HttpClient http, DemoTask task, ProgressBoard board, int line, CancellationToken stopping)
    {
        var began = clock.GetTimestamp();
        using var reply = await http.PostAsJsonAsync("/v1/tasks", task.Body, stopping).ConfigureAwait(false);
        var receipt = await reply.Content.ReadFromJsonAsync<JsonElement>(stopping).ConfigureAwait(false);
        if (!reply.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"the gateway refused '{task.Says}': {receipt}");
        }

        var path = reply.Headers.Location!.OriginalString;
        await using var stream = await http.GetStreamAsync(path + "/events", stopping).ConfigureAwait(false);
        await foreach (var seen in SseParser.Create(stream).EnumerateAsync(stopping).ConfigureAwait(false))
        {
            if (seen.Data is not { Length: > 0 } data) { continue; }
            using var change = JsonDocument.Parse(data);
            board.Show(line, change.RootElement, clock.GetElapsedTime(began));
        }

        return await http.GetFromJsonAsync<JsonElement>(path, stopping).ConfigureAwait(false);
    }

    private static void Print(DemoTask task, JsonElement ended, Uri url)
    {
        string Text(string name) => ended.TryGetProperty(name, out var member) ? member.ToString() : "";
        Console.WriteLine($"  {task.Says}");
        Console.WriteLine($"    {Text("state")} by {Text("agent_id")} in {Seconds(ended)} s, attempt {Text("attempt")}");
        var outcome = Text("result").Length > 0 ? Text("result") : Text("error");
        Console.WriteLine($"    {(outcome.Length > 400 ? outcome[..400] + " ..." : outcome)}");
        Console.WriteLine($"    {new Uri(url, "/v1/tasks/" + Text("task_id"))}");
        Console.WriteLine();
    }

    private static string Seconds(JsonElement ended) =>
        ended.TryGetProperty("ended_at", out var end) && ended.TryGetProperty("created_at", out var begin)
            ? $"{(end.GetDateTimeOffset() - begin.GetDateTimeOffset()).TotalSeconds:0.00}"
            : "?";

    private static void SayWhatNext(string url, string taskId) => Console.WriteLine($$$"""
        Try next, in another terminal (Ctrl-C here ends everything):
          curl -s {{{url}}}/v1/agents
          curl -s -X POST {{{url}}}/v1/tasks -H 'Content-Type: application/json' -H 'Prefer: wait=30' \
            -d '{"task_type":"image.generation","parameters":{"resolution":"640x360"}}'
          curl -N -H 'Accept: text/event-stream' {{{url}}}/v1/tasks/{{{taskId}}}/events
        """);
}

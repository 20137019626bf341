using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;

namespace A2A.Micro.Bench.Load;

/// <summary>A submitter like any other: HTTP with connections that are kept.</summary>
public sealed class TaskClient : IDisposable
{
    private const int BatchMax = 500;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly Uri Tasks = new("v1/tasks", UriKind.Relative);
    private readonly HttpClient _http;
    private readonly byte[] _body;

    /// <summary>A client of one gateway.</summary>
    /// <param name="gateway">Its base address.</param>
    /// <param name="arguments">How large its tasks are, and how many it holds.</param>
    /// <param name="key">What it shows; null: nothing.</param>
    /// <param name="hasSecret">Whether the payload is a secret.</param>
    public TaskClient(Uri gateway, Arguments arguments, string? key = null, bool hasSecret = false)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = arguments.Submitters * 2 })
        {
            BaseAddress = gateway,
            Timeout = TimeSpan.FromSeconds(100),
        };
        if (key is not null) { _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key); }
        var task = new Dictionary<string, object>
        {
            ["task_type"] = NoopAgent.TaskType,
            ["parameters"] = new Dictionary<string, string> { ["payload"] = new('x', arguments.Payload) },
        };
        if (hasSecret) { task["sensitive"] = (string[])["/payload"]; }
        _body = JsonSerializer.SerializeToUtf8Bytes(task);
    }

    /// <summary>Hands in one task and holds until it has ended.</summary>
    /// <param name="waitSeconds">Longest wait; 0: none.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<TaskAnswer> Submit(int waitSeconds, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Tasks)
        {
            Content = new ByteArrayContent(_body)
            {
                Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) },
            },
        };
        return Ask(request, waitSeconds, cancellation);
    }

    /// <summary>Reads a task's result and holds until there is one.</summary>
    public Task<TaskAnswer> Result(string taskId, int waitSeconds, CancellationToken cancellation) =>
        Ask(new HttpRequestMessage(HttpMethod.Get, new Uri($"v1/tasks/{taskId}/result", UriKind.Relative)), waitSeconds, cancellation);

    /// <summary>Posts JSON; the answer, which must be a good one.</summary>
    /// <exception cref="HttpRequestException">The gateway refused it.</exception>
    public async Task<JsonDocument> Post(string path, byte[] json, CancellationToken cancellation)
    {
        using var body = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) } };
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), body, cancellation);
        return JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellation));
    }

    /// <summary>Reads JSON.</summary>
    /// <exception cref="HttpRequestException">The gateway refused it.</exception>
    public async Task<JsonDocument> Read(string path, CancellationToken cancellation) =>
        JsonDocument.Parse(await _http.GetByteArrayAsync(new Uri(path, UriKind.Relative), cancellation));

    /// <summary>Hands in tasks for an agent that is not there, and returns when the last one is known to wait for it.</summary>
    /// <exception cref="HttpRequestException">The gateway refused them.</exception>
    public async Task LetWait(int tasks, CancellationToken cancellation)
    {
        var last = "";
        foreach (var chunk in Enumerable.Range(0, tasks).Chunk(BatchMax))
        {
            var batch = JsonSerializer.SerializeToUtf8Bytes(new
            {
                tasks = chunk.Select(_ => new { task_type = NoopAgent.TaskType, responder_agent_id = "nobody" }),
            });
            using var json = await Post("v1/tasks:batch", batch, cancellation);
            last = json.RootElement.GetProperty("items").EnumerateArray().Last().GetProperty("task_id").GetString()!;
        }

        while (!await Waits(last, cancellation)) { await Task.Delay(Look, TimeProvider.System, cancellation); }
    }

    private async Task<bool> Waits(string taskId, CancellationToken cancellation)
    {
        using var json = await Read($"v1/tasks/{taskId}", cancellation);
        return Text(json, "state") == "queued";
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<TaskAnswer> Ask(HttpRequestMessage request, int waitSeconds, CancellationToken cancellation)
    {
        using var asked = request;
        if (waitSeconds > 0) { request.Headers.Add("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={waitSeconds}")); }
        using var answer = await _http.SendAsync(request, cancellation);
        var body = await answer.Content.ReadAsByteArrayAsync(cancellation);
        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Accepted)) { return new TaskAnswer("", ""); }
        using var json = JsonDocument.Parse(body);
        return new TaskAnswer(Text(json, "task_id"), Text(json, "state"));
    }

    private static string Text(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}

/// <summary>What the gateway said about a task.</summary>
/// <param name="TaskId">Which; empty when it refused.</param>
/// <param name="State">Its state's word.</param>
public sealed record TaskAnswer(string TaskId, string State)
{
    /// <summary>Done, with its result in the same answer.</summary>
    public bool IsCompleted => State == "completed";
}

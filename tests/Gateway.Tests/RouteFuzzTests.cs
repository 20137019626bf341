using System.Globalization;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tests;

/// <summary>
/// Bad requests to every route that the document describes: whatever stands in the path, the query, the headers and the body, the answer is a 2xx, a 304 or
/// an explained 4xx (reliability 8.3, 8.4).
/// </summary>
public sealed class RouteFuzzTests : IAsyncLifetime
{
    private const int Requests = 12_000;
    private const int Seed = 20260321;

    private static readonly string[] Texts =
    [
        "t", "nobody", "", " ", "%00", "%zz", "..%2f..%2fetc", "%F0%9F%91%A9", "%E2%80%AE", "-1", "0", "1e9", "99999999999999999999", "*", "null", "true",
        "a,b,,c", "data.*", "a'; DROP TABLE gateway.command; --", "2026-03-21T15:00:00Z", "2026-03-21", "7d", "\"1\"", "W/\"1\"", "\"", "%ff", "MSAxIHQ",
    ];

    private static readonly string[] Names =
    [
        "limit", "cursor", "status", "type", "requester", "agent", "priority", "metadata.x", "created_after", "updated_before", "after", "wait", "atomic",
        "state", "queue", "task_id", "message_type", "error", "last_event_id", "on_timeout", "unknown",
    ];

    private static readonly string[] Members =
    [
        "task_id", "task_type", "type", "message_type", "payload", "priority", "deadline", "metadata", "parameters", "reason", "command_id", "checkpoint",
        "input", "key", "filter", "task_ids", "letter_ids", "limit", "rate", "dry_run", "tasks", "stages", "workflow_id", "message", "requirements",
        "url", "events", "requesters", "secret", "status", "overlap_s", "since",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e400", "\"\"", "\"t\"", "\"\\u0000\"", "\"\\ud800\"", "[]", "{}", "[null]", "[\"t\"]", "[{}]", "{\"task_type\":\"a\"}",
        "\"task.submit\"", "\"task.control.pause\"", "\"task.status\"", "{\"status\":7}", "[[[[[[]]]]]]", "3.5", "\"high\"", "1000000",
    ];

    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.Start(("Logging:LogLevel:Default", "Error"), ("A2A:Gateway:AnswerTimeout", "00:00:00.100"));
        _ = _host.Neighbours.Put("t", TaskState.Completed);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Thousands_of_generated_requests_break_no_route()
    {
        var routes = await Routes();
        Assert.True(routes.Count > 40, $"only {routes.Count} routes are described");
        var random = new Random(Seed);
        var refused = 0;
        foreach (var chunk in Enumerable.Range(0, Requests).Select(i => Generate(random, routes[i % routes.Count])).Chunk(16))
        {
            var answers = await Task.WhenAll(chunk.Select(Ask));
            refused += answers.Count(status => status >= 400);
        }

        Assert.InRange(refused, Requests / 2, Requests - 1);
        using var sane = await _host.Post("/v1/tasks", """{"task_type":"still.works"}""");
        Assert.Equal(202, (int)sane.StatusCode);
    }

    private async Task<int> Ask(Shot shot)
    {
        using var content = shot.Body is null ? null : new StringContent(shot.Body, Encoding.UTF8, "application/json");
        using var reply = await _host.Send(new HttpMethod(shot.Method), shot.Path, content, shot.Headers);
        // A stream of all tasks has no end.
        if (reply.Content.Headers.ContentType?.MediaType == "text/event-stream") { return (int)reply.StatusCode; }
        var text = await reply.Content.ReadAsStringAsync();
        var status = (int)reply.StatusCode;
        var what = $"{status} for {shot.Method} {shot.Path} [{string.Join(';', shot.Headers)}] {shot.Body}: {text}";
        // A read whose part of the system is not there says so; nothing else may.
        Assert.True(status is (>= 200 and < 300) or 304 or (>= 400 and < 500) || (status == 503 && text.Contains("COM00", StringComparison.Ordinal)), what);
        if (status < 400 || text.Length == 0) { return status; }
        Assert.True(reply.Content.Headers.ContentType?.MediaType == "application/problem+json", what);
        var problem = JsonElement.Parse(text);
        foreach (var member in new[] { "type", "title", "detail", "code", "trace_id", "severity", "recovery" })
        {
            Assert.True(!string.IsNullOrEmpty(problem.Text(member)), member + " is missing: " + what);
        }

        foreach (var secret in new[] { "   at ", ".cs:", "System.", "Npgsql", "SELECT", "/usr/" })
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        }

        return status;
    }

    private static Shot Generate(Random random, (string Method, string Path) route)
    {
        var path = new StringBuilder();
        foreach (var part in route.Path.Split('{', '}').Index())
        {
            _ = path.Append(part.Index % 2 == 0 ? part.Item : Pick(random, ["t", "t", .. Texts]));
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            _ = path.Append(path.ToString().Contains('?', StringComparison.Ordinal) ? '&' : '?').Append(Pick(random, Names)).Append('=')
                .Append(Uri.EscapeDataString(Pick(random, Texts)));
        }

        var headers = new List<(string, string)> { ("Accept", "application/json") };
        foreach (var name in new[] { "If-Match", "If-None-Match", "Idempotency-Key", "Prefer", "traceparent" })
        {
            if (random.Next(6) == 0) { headers.Add((name, name == "Prefer" ? "wait=" + Pick(random, ["0", "x", "-1"]) : Pick(random, Texts).Trim() + "x")); }
        }

        return new Shot(route.Method, path.ToString(), [.. headers], route.Method == "GET" ? null : Body(random));
    }

    private static string Body(Random random) => random.Next(8) switch
    {
        0 => "",
        1 => Pick(random, ["{", "[]", "null", "7", "\"x\"", "{\"a\":1,\"a\":2}", "\uFEFF{}", "{} {}"]),
        _ => "{" + string.Join(',', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Member(random, random.Next(5) == 0))
            .DistinctBy(member => member.Split(':')[0])) + "}",
    };

    private static string Member(Random random, bool isDeep) =>
        $"\"{Pick(random, Members)}\":" + (isDeep ? "{" + Member(random, isDeep: false) + "}" : Pick(random, Values));

    private static string Pick(Random random, IReadOnlyList<string> from) => from[random.Next(from.Count)];

    private async Task<List<(string Method, string Path)>> Routes()
    {
        using var reply = await _host.Get("/openapi/v1.json");
        return
        [
            .. (await reply.Json()).GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
                .Select(method => (method.Name.ToUpper(CultureInfo.InvariantCulture), path.Name))),
        ];
    }

    private sealed record Shot(string Method, string Path, (string, string)[] Headers, string? Body);
}

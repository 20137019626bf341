using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Whatever a caller sends, the answer is a 2xx or an explained 4xx (reliability 8).</summary>
[Trait("Requirement", "54")]
[Trait("Requirement", "55")]
public sealed class FuzzTests : IAsyncLifetime
{
    private const int Inputs = 8000;

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e400", "1e-400", "-0", "1.5", "99999999999999999999", "\"\"", "\"NaN\"", "\"\\u0000\"", "\"\\ud800\"",
        "\"\\udfff\\ud800\"", "[]", "{}", "[[[[]]]]", "{\"a\":{\"b\":{}}}", "\"2999-12-31T23:59:60Z\"", "\"0000-01-01T00:00:00Z\"",
        "\"9999-12-31T23:59:59.9999999+14:00\"", "\"2999-01-01T00:00:00\"", "\"\u202eabc\"", "\"\U0001F469\u200D\U0001F4BB\"", "\"e\u0301\"",
        "\"../../etc\"", "\"a'; DROP TABLE gateway.submission; --\"", "1E+3", "4.0000000000000000000000000001",
    ];

    private static readonly string[] Names =
    [
        "task_id", "type", "task_type", "priority", "deadline", "requirements", "dependencies", "metadata", "parameters", "retry", "mode",
        "requester_agent_id", "responder_agent_id", "created_at", "schema_version", "cpu_cores", "__proto__", "", "a/b~c", "\\u0000", "TaskId",
    ];

    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start(("Logging:LogLevel:Default", "Error"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public static TheoryData<string> Corpus => new(
        """{"task_type":"a","parameters":"\u0000"}""",
        """{"task_type":"a","parameters":{"\u0000":1}}""",
        """{"task_type":"a","metadata":{"x":"\u0000"}}""",
        """{"task_type":"a","parameters":"\ud800"}""",
        """{"task_type":"a","metadata":{"x":"\udc00\ud800"}}""",
        """{"task_type":"a","requirements":{"cpu_cores":1e400}}""",
        """{"task_type":"a","parameters":1e400}""",
        """{"task_type":"a","parameters":1e200000}""",
        """{"task_type":"a","requirements":{"cpu_cores":"NaN"}}""",
        """{"task_type":"a","parameters":""" + new string('9', 200_000) + "}",
        """{"type":null}""",
        """{}""",
        """{"task_type":"a","task_type":"b"}""",
        """{"task_type":"a","parameters":{"x":1,"x":2}}""",
        """{"task_type":"a","deadline":"2999-01-01T00:00:00"}""",
        """{"task_type":"a","colour":"red"}""",
        """{"task_type":"a","parameters":""" + new string('[', 64) + new string(']', 64) + "}",
        """{"task_type":"a","metadata":{""" + string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"k{i}\":1")) + "}}",
        "", "null", "[]", "7", "\"text\"", "{", "{\"task_type\":\"a\"} trailing", "\uFEFF{\"task_type\":\"a\"}", "// comment\n{}");

    [Theory]
    [MemberData(nameof(Corpus))]
    public async Task The_known_troublemakers_are_refused_and_explained(string body)
    {
        using var reply = await _host.Post("/v1/tasks", body);
        await Explained(reply, body);
        Assert.InRange((int)reply.StatusCode, 400, 499);
        Assert.Empty(_host.Neighbours.Submitted);
    }

    [Theory]
    [InlineData("""{"task_type":"a"}""")]
    [InlineData("""{"task_type":"a","deadline":"2999-01-01T00:00:00+05:30"}""")]
    [InlineData("""{"task_type":"a","parameters":null,"metadata":null,"requirements":null,"dependencies":null}""")]
    [InlineData("""{"task_type":"a","parameters":{"n":12345678901234567890.123456789,"u":"👩‍💻é\u202e"}}""")]
    public async Task What_only_looks_odd_is_accepted_and_reads_back(string body)
    {
        using var reply = await _host.Post("/v1/tasks", body);
        Assert.Equal(202, (int)reply.StatusCode);
        using var read = await _host.Get(reply.Headers.Location!.OriginalString);
        var sent = JsonElement.Parse(body);
        if (sent.TryGetProperty("parameters", out var parameters) && parameters.ValueKind != JsonValueKind.Null)
        {
            Assert.True(JsonElement.DeepEquals(parameters, (await read.Json()).GetProperty("parameters")));
        }
    }

    [Theory]
    [InlineData("/v1/tasks/%00")]
    [InlineData("/v1/tasks/..%2f..%2fetc")]
    [InlineData("/v1//tasks")]
    [InlineData("/v1/tasks/%E2%80%AE/events?last_event_id=%00")]
    [InlineData("/v1/tasks?status=%00&limit=%F0%9F%91%A9&cursor=%ff")]
    [InlineData("/v1/tasks?limit=1&limit=2&status=running&status=queued")]
    [InlineData("/v1/agents/%F0%9F%91%A9")]
    public async Task Odd_addresses_never_break_anything(string path)
    {
        using var reply = await _host.Get(path);
        Assert.InRange((int)reply.StatusCode, 200, 499);
    }

    [Fact]
    public async Task An_endless_address_is_refused()
    {
        using var reply = await _host.Get("/v1/tasks/" + new string('a', 20_000));
        Assert.Equal(414, (int)reply.StatusCode);
        using var longest = await _host.Get("/v1/tasks/" + new string('a', 7_000));
        await longest.Problem(404, "NOT_FOUND");
    }

    [Fact]
    public async Task Eight_thousand_generated_bodies_break_nothing()
    {
        const int seed = 20260321;
        var random = new Random(seed);
        var refused = 0;
        foreach (var chunk in Enumerable.Range(0, Inputs).Select(_ => Generate(random)).Chunk(8))
        {
            var replies = await Task.WhenAll(chunk.Select(Post));
            foreach (var (reply, body) in replies.Zip(chunk))
            {
                using (reply)
                {
                    await Explained(reply, Encoding.Latin1.GetString(body));
                    refused += (int)reply.StatusCode >= 400 ? 1 : 0;
                }
            }
        }

        Assert.InRange(refused, Inputs / 2, Inputs - 1);
        using var sane = await _host.Post("/v1/tasks", """{"task_type":"still.works"}""");
        Assert.Equal(202, (int)sane.StatusCode);
    }

    private static async Task Explained(HttpResponseMessage reply, string body)
    {
        var shown = body.Length > 300 ? body[..300] : body;
        var status = (int)reply.StatusCode;
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(status is (>= 200 and < 300) or (>= 400 and < 500), $"{status} for {shown}: {text}");
        if (status < 400) { return; }
        var problem = await reply.Problem(status, JsonElement.Parse(text).GetProperty("code").GetString()!);
        foreach (var secret in new[] { "   at ", ".cs:", "System.", "Npgsql", "SELECT", "/usr/" })
        {
            Assert.DoesNotContain(secret, problem.ToString(), StringComparison.Ordinal);
        }
    }

    private async Task<HttpResponseMessage> Post(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        return await _host.Send(HttpMethod.Post, "/v1/tasks", content);
    }

    private static byte[] Generate(Random random)
    {
        var id = random.Next(int.MaxValue).ToString(CultureInfo.InvariantCulture);
        var body = SubmitTests.SeedExample.Replace("task-123e4567-e89b", "task-" + id, StringComparison.Ordinal);
        return random.Next(3) switch
        {
            0 => MutateBytes(random, Encoding.UTF8.GetBytes(body)),
            1 => Encoding.UTF8.GetBytes(AddMembers(random, body)),
            _ => Encoding.UTF8.GetBytes(Replace(random, body)),
        };
    }

    private static byte[] MutateBytes(Random random, byte[] body)
    {
        var bytes = body.ToList();
        for (var times = random.Next(1, 4); times > 0 && bytes.Count > 2; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes.Insert(at, (byte)random.Next(256)); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)); break;
                case 3: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at))); break;
            }
        }

        return [.. bytes];
    }

    private static string AddMembers(Random random, string body)
    {
        var added = Enumerable.Range(0, random.Next(1, 4))
            .Select(_ => $"\"{Names[random.Next(Names.Length)]}\": {Values[random.Next(Values.Length)]},");
        return "{" + string.Concat(added) + body.TrimStart()[1..];
    }

    private static string Replace(Random random, string body)
    {
        var lines = body.Split('\n').ToList();
        for (var times = random.Next(1, 3); times > 0; times--)
        {
            var at = random.Next(1, lines.Count - 1);
            var colon = lines[at].IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || lines[at].TrimEnd().EndsWith('{')) { continue; }
            lines[at] = lines[at][..(colon + 1)] + Values[random.Next(Values.Length)] + (lines[at].TrimEnd().EndsWith(',') ? "," : "");
        }

        return string.Join('\n', lines);
    }
}

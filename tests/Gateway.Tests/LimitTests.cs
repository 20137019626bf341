using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Limits;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Limits are said before they hurt, and named when they do.</summary>
[Trait("Requirement", "64")]
public sealed class LimitTests
{
    [Fact]
    [Trait("Requirement", "69")]
    public async Task A_caller_that_sends_too_much_is_told_when_to_come_again()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:RequestsPerSecond", "1"), ("A2A:Gateway:RequestsBurst", "4"));
        var replies = new List<HttpResponseMessage>();
        for (var i = 0; i < 12; i++) { replies.Add(await host.Get("/v1/errors")); }
        var refused = replies.Where(reply => (int)reply.StatusCode == 429).ToList();
        Assert.InRange(refused.Count, 1, 8);
        Assert.All(replies.Take(2), reply => Assert.Equal(200, (int)reply.StatusCode));
        Assert.False(replies[0].Headers.Contains("RateLimit"));
        Assert.Equal("\"caller\";q=4;w=4", replies[3].Headers.GetValues("RateLimit-Policy").Single());
        Assert.Matches("^\"caller\";r=0;t=1$", refused[0].Headers.GetValues("RateLimit").Single());
        Assert.Equal("1", refused[0].Headers.GetValues("Retry-After").Single());
        Assert.Equal(1, (await refused[0].Problem(429, "RATE_LIMITED")).Whole("retry_after_s"));
        using var health = await host.Get("/health/live");
        Assert.Equal(200, (int)health.StatusCode);
        replies.ForEach(reply => reply.Dispose());
    }

    [Fact]
    public async Task Without_a_limit_nobody_is_counted()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:RequestsPerSecond", "0"), ("A2A:Gateway:RequestsBurst", "1"));
        for (var i = 0; i < 20; i++)
        {
            using var reply = await host.Get("/v1/errors");
            Assert.Equal(200, (int)reply.StatusCode);
        }
    }

    [Fact]
    public void A_bucket_never_gives_more_than_its_burst_and_its_rate() => Prop.ForAll(
        Arb.From(Gen.Choose(0, 400).ListOf()),
        input =>
        {
            var pauses = input.ToList();
            var (rate, burst) = (1 + (pauses.Sum() % 50), 1 + (pauses.Count % 20));
            var (bucket, fullAt, now, given) = (new Bucket(rate, burst), 0d, 1000d, 0);
            foreach (var pause in pauses)
            {
                now += pause / 1000d;
                var answer = bucket.Take(fullAt, now);
                fullAt = answer.FullAt;
                if (answer.IsAllowed) { given++; }
                else if (!bucket.Take(fullAt, now + answer.RetryAfterS + 1e-6).IsAllowed) { return false; }
                if (answer.Left is < 0 || answer.Left >= burst) { return false; }
            }

            return given <= burst + ((now - 1000) * rate) + 1e-3;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("::1", "::1")]
    public void A_caller_is_its_address_or_its_network(string address, string caller) =>
        Assert.Equal(IPAddress.Parse(caller), CallerLimits.NetworkOf(IPAddress.Parse(address)));

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_compressed_submission_is_a_submission(string encoding)
    {
        await using var host = await GatewayHost.Start();
        using var reply = await Send(host, "/v1/tasks", Pack(encoding, Encoding.UTF8.GetBytes(SubmitTests.SeedExample)), encoding);
        Assert.Equal(202, (int)reply.StatusCode);
        using var again = await host.Post("/v1/tasks", SubmitTests.SeedExample);
        Assert.Equal(200, (int)again.StatusCode);
        var line = Encoding.UTF8.GetBytes("{\"task_type\":\"a\"}\n{\"task_type\":\"b\"}\n");
        using var lines = await Send(host, "/v1/tasks:batch", Pack(encoding, line), encoding, "application/x-ndjson");
        Assert.Equal(202, (int)lines.StatusCode);
    }

    [Fact]
    [Trait("Requirement", "70")]
    public async Task A_bomb_is_refused_at_the_limit_of_what_it_unpacks_to()
    {
        await using var host = await GatewayHost.Start();
        var bomb = Pack("gzip", new byte[64 * 1024 * 1024]);
        Assert.True(bomb.Length < 512 * 1024, "small enough to come in");
        using var single = await Send(host, "/v1/tasks", bomb, "gzip");
        Assert.Equal(["#"], (await single.Problem(413, "PAYLOAD_TOO_LARGE")).Pointers());
        using var lines = await Send(host, "/v1/tasks:batch", bomb, "gzip", "application/x-ndjson");
        await lines.Problem(413, "PAYLOAD_TOO_LARGE");
    }

    [Fact]
    public async Task What_cannot_be_unpacked_is_refused()
    {
        await using var host = await GatewayHost.Start();
        using var unknown = await Send(host, "/v1/tasks", [1, 2, 3], "zstd");
        await unknown.Problem(415, "UNSUPPORTED_MEDIA_TYPE");
        Assert.Equal("gzip, br, deflate", unknown.Headers.GetValues("Accept-Encoding").Single());
        using var garbage = await Send(host, "/v1/tasks", [1, 2, 3], "gzip");
        await garbage.Problem(400, "MSG002");
        var cut = Pack("gzip", Encoding.UTF8.GetBytes(SubmitTests.SeedExample))[..40];
        using var torn = await Send(host, "/v1/tasks", cut, "gzip");
        await torn.Problem(400, "MSG002");
        Assert.Empty(host.Neighbours.Submitted);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task A_read_is_compressed_for_who_asks_and_an_event_stream_for_nobody(string encoding)
    {
        await using var host = await GatewayHost.Start();
        _ = host.Neighbours.Put("t", TaskState.Completed);
        using var packed = await host.Get("/v1/errors", ("Accept-Encoding", encoding));
        Assert.Equal(encoding, packed.Content.Headers.ContentEncoding.Single());
        Assert.Contains("Accept-Encoding", packed.Headers.Vary);
        await using var body = await packed.Content.ReadAsStreamAsync();
        await using Stream plain = encoding == "br" ? new BrotliStream(body, CompressionMode.Decompress) : new GZipStream(body, CompressionMode.Decompress);
        using var reader = new StreamReader(plain);
        Assert.Contains("MSG001", await reader.ReadToEndAsync(), StringComparison.Ordinal);

        using var stream = await host.Get("/v1/tasks/t/events", ("Accept-Encoding", encoding));
        Assert.Empty(stream.Content.Headers.ContentEncoding);
        Assert.Contains("event: task", await stream.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var unasked = await host.Get("/v1/errors");
        Assert.Empty(unasked.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task A_body_that_never_comes_is_given_up()
    {
        await using var host = await GatewayHost.Start();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, host.Http.BaseAddress!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync("POST /v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"u8.ToArray());
        using var reader = new StreamReader(stream);
        var reply = await reader.ReadToEndAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        Assert.StartsWith("HTTP/1.1 408", reply, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", reply, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> Send(
        GatewayHost host, string path, byte[] body, string encoding, string mediaType = "application/json")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(mediaType);
        content.Headers.ContentEncoding.Add(encoding);
        return await host.Send(HttpMethod.Post, path, content);
    }

    private static byte[] Pack(string encoding, byte[] plain)
    {
        using var packed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Optimal),
            "br" => new BrotliStream(packed, CompressionLevel.Optimal),
            _ => new ZLibStream(packed, CompressionLevel.Optimal),
        })
        {
            stream.Write(plain);
        }

        return packed.ToArray();
    }
}

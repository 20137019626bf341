using System.Text.Json;
using A2A.Micro.Contracts.States;

namespace A2A.Micro.Gateway.Tests;

/// <summary>What agents share, over HTTP: compare and set with ETags.</summary>
[Trait("Requirement", "34")]
public sealed class SharedStateTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start(("A2A:Gateway:AnswerTimeout", "00:00:01"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_value_is_set_on_the_version_that_was_read_and_on_no_other()
    {
        using var missing = await _host.Get("/v1/tasks/t/state/count");
        await missing.Problem(404, "NOT_FOUND");
        using var first = await Put("1", ("If-None-Match", "*"));
        Assert.Equal((200, "\"1\""), ((int)first.StatusCode, first.Headers.ETag?.Tag));
        using var late = await Put("1", ("If-None-Match", "*"));
        await late.Problem(412, "PRECONDITION_FAILED");
        Assert.Equal("\"1\"", late.Headers.ETag?.Tag);
        using var second = await Put("""{"n":2.0}""", ("If-Match", "\"1\""));
        Assert.Equal(2, (await second.Json()).GetProperty("version").GetInt32());
        using var read = await _host.Get("/v1/tasks/t/state/count");
        Assert.Equal("""{"n":2.0}""", (await read.Json()).GetProperty("value").GetRawText());
        using var same = await _host.Get("/v1/tasks/t/state/count", ("If-None-Match", "\"2\""));
        Assert.Equal(304, (int)same.StatusCode);
        using var all = await _host.Get("/v1/tasks/t/state");
        Assert.Equal("count", Assert.Single((await all.Json()).GetProperty("states").EnumerateArray()).GetProperty("name").GetString());
        using var gone = await _host.Send(HttpMethod.Delete, "/v1/tasks/t/state/count", null, ("If-Match", "\"2\""));
        Assert.Equal(204, (int)gone.StatusCode);
    }

    [Fact]
    public async Task The_same_key_is_the_same_update()
    {
        using var first = await Put("1", ("Idempotency-Key", "k"));
        using var again = await Put("1", ("Idempotency-Key", "k"));
        Assert.Equal("\"1\"", again.Headers.ETag?.Tag);
    }

    [Theory]
    [InlineData("{", "count", "MSG001", 400)]
    [InlineData("1", "a%20b", "MSG001", 400)]
    public async Task What_cannot_be_a_value_is_refused(string body, string name, string code, int status)
    {
        using var reply = await _host.Send(HttpMethod.Put, "/v1/tasks/t/state/" + name, new StringContent(body, null, "application/json"));
        await reply.Problem(status, code);
    }

    [Fact]
    public async Task A_value_that_is_too_large_names_the_limit()
    {
        using var reply = await Put($"\"{new string('x', SharedState.ValueBytesMax)}\"");
        await reply.Problem(413, "PAYLOAD_TOO_LARGE");
    }

    [Fact]
    public async Task A_condition_that_cannot_be_read_is_named()
    {
        using var reply = await Put("1", ("If-Match", "7"));
        Assert.Equal(["#/headers/if-match"], (await reply.Problem(400, "MSG001")).Pointers());
    }

    private Task<HttpResponseMessage> Put(string json, params (string, string)[] headers) => _host.Send(
        HttpMethod.Put, "/v1/tasks/t/state/count", new StringContent(json, System.Text.Encoding.UTF8, "application/json"), headers);
}

using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace A2A.Micro.Gateway.Tests;

/// <summary>What is wrong before a body is read, over a bare socket: an answer each, with problem details wherever the server leaves us the word.</summary>
[Trait("Requirement", "54")]
public sealed class HeadTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task An_address_that_is_too_long_is_told_the_bound() =>
        await Explained($"GET /v1/tasks?type={new string('a', 9000)} HTTP/1.1\r\nHost: x\r\n\r\n", 414, "8192");

    [Fact]
    public async Task A_header_that_is_too_large_is_told_the_bound() =>
        await Explained($"GET /v1/errors HTTP/1.1\r\nHost: x\r\nX-Large: {new string('a', 20_000)}\r\n\r\n", 431, "16384");

    [Fact]
    public async Task Too_many_headers_are_told_the_bound() => await Explained(
        $"GET /v1/errors HTTP/1.1\r\nHost: x\r\n{string.Concat(Enumerable.Range(0, 120).Select(i => $"X-{i}: 1\r\n"))}\r\n", 431, "100");

    [Fact]
    public async Task A_body_that_does_not_come_is_told_that_it_was_too_slow() =>
        await Explained("POST /v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", 408, "slowly");

    [Theory]
    [InlineData("GET /v1/tasks/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET /v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400)]
    [InlineData("nonsense\r\n\r\n", 400)]
    public async Task What_is_no_request_is_refused_and_the_connection_ends(string request, int status)
    {
        var (answered, _) = await Ask(request);
        Assert.Equal(status, answered);
    }

    private async Task Explained(string request, int status, string bound)
    {
        var (answered, body) = await Ask(request);
        Assert.Equal(status, answered);
        using var problem = JsonDocument.Parse(body[body.IndexOf('{', StringComparison.Ordinal)..(body.LastIndexOf('}') + 1)]);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Contains(bound, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<(int Status, string Body)> Ask(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_host.Http.BaseAddress!.Host, _host.Http.BaseAddress.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var status = await reader.ReadLineAsync() ?? "";
        return (int.Parse(status.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), await reader.ReadToEndAsync());
    }
}

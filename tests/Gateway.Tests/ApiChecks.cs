using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.JsonSchema;

namespace A2A.Micro.Gateway.Tests;

/// <summary>
/// Holds every exchange of every test to the document that the Gateway serves: the route is described, the status is, the media type is, and the body is
/// what its schema says.
/// </summary>
internal sealed class ApiChecks() : DelegatingHandler(new SocketsHttpHandler())
{
    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static readonly ConcurrentDictionary<string, CompiledSchema> Compiled = new(StringComparer.Ordinal);
    private static JsonObject? _document;
    private static (string Method, string[] Parts, JsonObject Operation)[] _operations = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var reply = await base.SendAsync(request, cancellationToken);
        var path = request.RequestUri!.AbsolutePath;
        if (!path.StartsWith("/v1/", StringComparison.Ordinal)) { return reply; }
        await Know(request.RequestUri, cancellationToken);
        if (Find(request.Method.Method, path) is not { } operation)
        {
            // Nobody answers there, or the method or the path is none: said as a problem, and described nowhere.
            Assert.True((int)reply.StatusCode >= 400, $"{request.Method} {path} is not described and answers {(int)reply.StatusCode}");
            return reply;
        }

        await Check(operation, request, reply, cancellationToken);
        return reply;
    }

    private static async Task Check(JsonObject operation, HttpRequestMessage request, HttpResponseMessage reply, CancellationToken cancellation)
    {
        var status = ((int)reply.StatusCode).ToString(CultureInfo.InvariantCulture);
        var what = $"{request.Method} {request.RequestUri!.PathAndQuery}: {status}";
        var responses = operation["responses"]!.AsObject();
        var described = responses[status] ?? (status[0] is '4' or '5' ? responses["default"] : null);
        Assert.True(described is not null, what + " is not described");
        if (reply.Content.Headers.ContentType is not { MediaType: { } type })
        {
            // What Kestrel refuses before anybody of ours sees it has no body: docs/errors.md.
            Assert.True(described!["content"] is null || status is "400" or "408" or "414" or "431", what + " has no body");
            return;
        }

        var content = described!["content"]?[type];
        Assert.True(content is not null, $"{what} with {type} is not described");
        if (!type.EndsWith("json", StringComparison.Ordinal) || reply.Content.Headers.ContentEncoding.Count > 0) { return; }
        await reply.Content.LoadIntoBufferAsync(cancellation);
        var text = await reply.Content.ReadAsStringAsync(cancellation);
        if (text.Length == 0) { return; }
        foreach (var line in type.EndsWith("ndjson", StringComparison.Ordinal) ? text.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [text])
        {
            Holds(SchemaOf(content!["schema"]!), line, what);
        }
    }

    private static void Holds(CompiledSchema schema, string text, string what)
    {
        var errors = schema.Validate(JsonElement.Parse(text));
        Assert.True(errors.Count == 0, $"{what} is not what its schema says: {string.Join("; ", errors.Take(3))}: {text[..Math.Min(text.Length, 500)]}");
    }

    private static CompiledSchema SchemaOf(JsonNode schema) => Compiled.GetOrAdd(schema.ToJsonString(), text =>
    {
        var whole = JsonNode.Parse(text)!.AsObject();
        whole["components"] = _document!["components"]!.DeepClone();
        return CompiledSchema.Parse(whole.ToJsonString());
    });

    private static JsonObject? Find(string method, string path)
    {
        // As the router has it: a slash at the end is none, and nothing is no value.
        var parts = path.TrimEnd('/').Split('/');
        return _operations
            .Where(one => one.Method == method && one.Parts.Length == parts.Length
                && one.Parts.Zip(parts).All(pair => pair.First.StartsWith('{') ? pair.Second.Length > 0 : pair.First == pair.Second))
            .OrderBy(one => one.Parts.Count(part => part.StartsWith('{'))).FirstOrDefault().Operation;
    }

    private async Task Know(Uri host, CancellationToken cancellation)
    {
        if (_document is not null) { return; }
        await Gate.WaitAsync(cancellation);
        try
        {
            if (_document is not null) { return; }
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host, "/openapi/v1.json"));
            using var reply = await base.SendAsync(request, cancellation);
            Assert.True(reply.IsSuccessStatusCode, $"the document answers {(int)reply.StatusCode}: {await reply.Content.ReadAsStringAsync(cancellation)}");
            var document = JsonNode.Parse(await reply.Content.ReadAsStringAsync(cancellation))!.AsObject();
            _operations =
            [
                .. from path in document["paths"]!.AsObject()
                   from method in path.Value!.AsObject()
                   select (method.Key.ToUpperInvariant(), path.Key.Split('/'), method.Value!.AsObject()),
            ];
            _document = document;
        }
        finally
        {
            _ = Gate.Release();
        }
    }
}

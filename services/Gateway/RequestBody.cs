using System.Buffers;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace A2A.Micro.Gateway;

/// <summary>Reads a JSON body: media type, size, then the JSON gate (reliability 8.2), in this order.</summary>
public static class RequestBody
{
    private const int CommonBytesOfValue = 16;

    private static readonly JsonDocumentOptions Strict = new()
    {
        MaxDepth = WireJson.MaxDepth,
        AllowDuplicateProperties = false,
    };

    /// <summary>The body; null when there is none and none is needed.</summary>
    /// <exception cref="ProtocolException">Wrong media type, too large, or not JSON that every part of the system can read.</exception>
    public static Task<JsonElement?> Read(HttpRequest request, GatewayOptions options, bool optional, CancellationToken cancellation) =>
        Read(request, options.BodyBytesMax, Limits(options), optional, cancellation);

    /// <summary>The same with other bounds.</summary>
    /// <exception cref="ProtocolException">Wrong media type, too large, or not JSON that every part of the system can read.</exception>
    public static async Task<JsonElement?> Read(
        HttpRequest request, int bytesMax, JsonGateLimits limits, bool optional, CancellationToken cancellation)
    {
        if (request.ContentLength > bytesMax) { throw TooLarge(bytesMax); }
        CountHere(request);
        var body = await ReadBytes(request.Body, bytesMax, cancellation).ConfigureAwait(false);
        if (body.Length == 0 && optional) { return null; }
        CheckMediaType(request.ContentType);
        if (body.Length == 0) { throw new ProtocolException(ErrorKind.Serialization, "The body is empty; send a JSON object."); }
        return Parse(body.Span, limits);
    }

    /// <summary>One JSON text after the gate.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="limits">What is let through.</param>
    /// <param name="pointer">Where the text stands in the request; begins every pointer of an error.</param>
    /// <exception cref="ProtocolException">Not JSON that every part of the system can read.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> text, JsonGateLimits limits, string pointer = "#")
    {
        var verdict = JsonGate.Check(text, limits);
        (verdict with { Errors = [.. verdict.Errors.Select(error => error with { Pointer = pointer + error.Pointer[1..] })] }).ThrowIfRefused();
        return JsonElement.Parse(text, Strict with { MaxDepth = limits.DepthMax });
    }

    /// <summary>What the gate lets through under these options.</summary>
    public static JsonGateLimits Limits(GatewayOptions options) => JsonGateLimits.Default with
    {
        // As many values as parameters of the greatest size have, when they are no shorter than they commonly are.
        NodesMax = Math.Max(JsonGateLimits.Default.NodesMax, options.ParametersBytesMax / CommonBytesOfValue),
        MemberBytesMax = new Dictionary<string, int>(StringComparer.Ordinal)
        {
            ["parameters"] = options.ParametersBytesMax,
            ["metadata"] = options.MetadataBytesMax,
        },
    };

    /// <summary>The server no longer counts: whoever reads the body does, stops at the limit, and names it.</summary>
    public static void CountHere(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }

    private static void CheckMediaType(string? contentType)
    {
        var known = MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || type.MediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase))
            && (!type.Charset.HasValue || IsUtf8(type.Charset.Value));
        if (!known)
        {
            throw new ProtocolException(ErrorKind.UnsupportedMediaType, "Send Content-Type: application/json, in UTF-8.");
        }
    }

    private static bool IsUtf8(string charset) =>
        charset.Trim('"') is { } name && (name.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || name.Equals("utf8", StringComparison.OrdinalIgnoreCase));

    private static async Task<ReadOnlyMemory<byte>> ReadBytes(Stream body, int bytesMax, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            var read = await body.ReadAsync(buffer.GetMemory(4096), cancellation).ConfigureAwait(false);
            if (read == 0) { return buffer.WrittenMemory; }
            buffer.Advance(read);
            if (buffer.WrittenCount > bytesMax) { throw TooLarge(bytesMax); }
        }
    }

    private static ProtocolException TooLarge(int bytesMax) =>
        new(ErrorKind.TooLarge, $"The body is over {bytesMax} bytes.",
            new FieldError("#", $"at most {bytesMax} bytes", ErrorKind.TooLarge.Code));
}

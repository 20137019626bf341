using System.IO.Compression;
using A2A.Micro.Contracts.Errors;
using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway.Limits;

/// <summary>
/// Unpacks bodies that come compressed (requirements 64). Whoever reads a body counts what it gets: the limits hold for the unpacked body, and a small one
/// that would unpack to gigabytes is refused at the limit.
/// </summary>
public sealed class ContentDecoding(RequestDelegate next)
{
    private const string Known = "gzip, br, deflate";

    /// <summary>Runs the rest of the pipeline over the plain body.</summary>
    public Task InvokeAsync(HttpContext http) => http.Request.Headers.ContentEncoding.Count == 0 ? next(http) : Decode(http);

    private async Task Decode(HttpContext http)
    {
        var (request, packed) = (http.Request, http.Request.Body);
        var encoding = request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        Stream? plain = encoding switch
        {
            "gzip" or "x-gzip" => new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionMode.Decompress, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionMode.Decompress, leaveOpen: true),
            _ => null,
        };
        if (plain is null && encoding is not ("identity" or ""))
        {
            // RFC 9110 section 15.5.16: this header in a 415 names the codings that would do.
            http.Response.Headers.AcceptEncoding = Known;
            await Problems.Write(
                http, ErrorKind.UnsupportedMediaType, $"The body is encoded in a way that is not known here; known are {Known}.", []).ConfigureAwait(false);
            return;
        }

        if (plain is null)
        {
            await next(http).ConfigureAwait(false);
            return;
        }

        await using (plain.ConfigureAwait(false))
        {
            request.Body = plain;
            request.ContentLength = null;
            _ = request.Headers.Remove("Content-Encoding");
            await next(http).ConfigureAwait(false);
            request.Body = packed;
        }
    }
}

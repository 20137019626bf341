using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Limits;

/// <summary>
/// Replies to reads are compressed for who asks for it (requirements 64). The answer to a submission is smaller than its headers, and an event stream is
/// never compressed: an event must not wait in a buffer for the next one.
/// </summary>
internal static class Compression
{
    private static readonly string[] MediaTypes =
    [
        "application/json", "application/problem+json", "application/schema+json", "application/x-ndjson", "text/markdown", "text/html", "text/css",
        "text/javascript", "application/javascript",
    ];

    public static void AddCompression(this IServiceCollection services) => _ = services
        .Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest)
        .Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest)
        .AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.Providers.Add<BrotliCompressionProvider>();
            options.Providers.Add<GzipCompressionProvider>();
            options.MimeTypes = MediaTypes;
        });

    public static void UseCompression(this IApplicationBuilder app) => _ = app.UseWhen(
        http => HttpMethods.IsGet(http.Request.Method) && http.Request.Headers.AcceptEncoding.Count > 0
            && !http.Request.Path.StartsWithSegments("/internal", StringComparison.Ordinal),
        branch => branch.UseResponseCompression());
}

using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace A2A.Micro.System.Tests;

/// <summary>One span as it was exported; ids in hexadecimal.</summary>
internal sealed record Span(string Service, string Name, string TraceId, string SpanId, string Parent);

/// <summary>
/// Receives traces as a collector does: OTLP over HTTP in protobuf (opentelemetry-proto, ExportTraceServiceRequest). Everything but
/// traces is answered and dropped.
/// </summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly ConcurrentQueue<Span> spans = new();
    private readonly Task serving;

    public OtlpReceiver()
    {
        var port = FreePort.Next();
        Address = $"http://127.0.0.1:{port}";
        listener.Prefixes.Add(Address + "/");
        listener.Start();
        serving = Serve();
    }

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Address { get; }

    /// <summary>What has come in so far of one trace.</summary>
    public IReadOnlyList<Span> Of(string traceId) => [.. spans.Where(span => span.TraceId == traceId)];

    /// <summary>What has come in so far.</summary>
    public IReadOnlyList<Span> All => [.. spans];

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await serving;
    }

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                var call = await listener.GetContextAsync();
                using var body = new MemoryStream();
                await call.Request.InputStream.CopyToAsync(body);
                if (call.Request.Url!.AbsolutePath == "/v1/traces")
                {
                    foreach (var span in Read(body.ToArray())) { spans.Enqueue(span); }
                }

                call.Response.ContentType = "application/x-protobuf";
                call.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    // ExportTraceServiceRequest { 1: ResourceSpans { 1: Resource { 1: KeyValue }, 2: ScopeSpans { 2: Span } } }
    private static IEnumerable<Span> Read(ReadOnlyMemory<byte> request) =>
        from resource in Protobuf.Messages(request, 1)
        let service = Protobuf.Messages(resource, 1).SelectMany(one => Protobuf.Messages(one, 1))
            .Where(pair => Text(pair, 1) == "service.name")
            .Select(pair => Text(Protobuf.Messages(pair, 2).First(), 1)).FirstOrDefault("")
        from scope in Protobuf.Messages(resource, 2)
        from span in Protobuf.Messages(scope, 2)
        select new Span(service, Text(span, 5), Hex(span, 1), Hex(span, 2), Hex(span, 4));

    private static string Text(ReadOnlyMemory<byte> message, int field) =>
        Encoding.UTF8.GetString(Protobuf.Messages(message, field).FirstOrDefault().Span);

    private static string Hex(ReadOnlyMemory<byte> message, int field) =>
        Convert.ToHexStringLower(Protobuf.Messages(message, field).FirstOrDefault().Span);
}

/// <summary>As much of the wire format of Protocol Buffers as reading nested messages takes.</summary>
internal static class Protobuf
{
    /// <summary>Every occurrence of a length-delimited field: a message, a text or bytes.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Messages(ReadOnlyMemory<byte> message, int field)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var length = (tag & 7) switch
            {
                0 => Skipped(message, at),
                1 => 8,
                2 => (int)Varint(message, ref at),
                5 => 4,
                var other => throw new InvalidDataException($"wire type {other} at {at}"),
            };
            if ((tag & 7) == 2 && (int)(tag >> 3) == field) { yield return message.Slice(at, length); }
            at += length;
        }
    }

    private static int Skipped(ReadOnlyMemory<byte> message, int at)
    {
        var end = at;
        _ = Varint(message, ref end);
        return end - at;
    }

    private static ulong Varint(ReadOnlyMemory<byte> message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message.Span[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) { return value; }
        }
    }
}

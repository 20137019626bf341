using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway.Batches;

/// <summary>What was sent: one JSON object, or one task per line while they arrive.</summary>
/// <param name="Tasks">The tasks in their order.</param>
/// <param name="Atomic">What the body says about it; null: nothing.</param>
/// <param name="IsLines">Whether it came as lines; the answer comes in the same form.</param>
public sealed record BatchBody(IReadOnlyList<JsonElement> Tasks, bool? Atomic, bool IsLines)
{
    /// <summary>Lines that are no JSON, by their place among the tasks, and what is wrong with them. Others are judged all the same.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<FieldError>> Broken { get; init; } = new Dictionary<int, IReadOnlyList<FieldError>>();

    /// <summary>Media type of one JSON text per line.</summary>
    public const string Lines = "application/x-ndjson";

    // The tasks lie two levels deep in the object, and there may be many.
    private const int Wrapping = 2;
    private const int NodesMax = 200_000;

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="ProtocolException">Too large, too many, or not what a batch looks like.</exception>
    public static async Task<BatchBody> Read(HttpRequest request, GatewayOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(options);
        RequestBody.CountHere(request);
        var isLines = request.ContentType?.Split(';')[0].Trim().Equals(Lines, StringComparison.OrdinalIgnoreCase) == true;
        var body = isLines
            ? await ReadLines(request.BodyReader, options, cancellation).ConfigureAwait(false)
            : await ReadObject(request, options, cancellation).ConfigureAwait(false);
        return body.Tasks.Count > 0
            ? body
            : throw Wrong("#/tasks", $"1 to {BatchLimits.TasksMax} tasks");
    }

    private static async Task<BatchBody> ReadObject(HttpRequest request, GatewayOptions options, CancellationToken cancellation)
    {
        var limits = RequestBody.Limits(options);
        limits = limits with { DepthMax = WireJson.MaxDepth + Wrapping, NodesMax = Math.Max(NodesMax, limits.NodesMax) };
        var root = (await RequestBody.Read(request, options.BatchBytesMax, limits, optional: false, cancellation).ConfigureAwait(false))!.Value;
        var errors = new List<FieldError>();
        var fields = new JsonFields(root, "#", errors, "atomic", "tasks");
        var atomic = fields.Any("atomic");
        if (atomic is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) }) { fields.Wrong("#/atomic", "true or false is expected"); }
        if (root.ValueKind == JsonValueKind.Object && fields.Any("tasks") is not { ValueKind: JsonValueKind.Array })
        {
            fields.Wrong("#/tasks", "required: an array of tasks");
        }

        if (errors.Count > 0) { throw new ProtocolException(ErrorKind.Validation, $"{errors[0].Pointer}: {errors[0].Detail}", errors); }
        var tasks = fields.Any("tasks")!.Value;
        return tasks.GetArrayLength() <= BatchLimits.TasksMax
            ? new BatchBody([.. tasks.EnumerateArray()], atomic?.GetBoolean(), false)
            : throw TooMany();
    }

    /// <summary>The items, those of broken lines with what is wrong with the line.</summary>
    public IReadOnlyList<BatchItem> WithBroken(IReadOnlyList<BatchItem> items) => Broken.Count == 0
        ? items
        : [.. items.Select(item => Broken.TryGetValue(item.Index, out var errors) ? item with { Task = null, Errors = errors } : item)];

    private static async Task<BatchBody> ReadLines(PipeReader reader, GatewayOptions options, CancellationToken cancellation)
    {
        var (tasks, total, broken) = (new List<JsonElement>(), 0L, new Dictionary<int, IReadOnlyList<FieldError>>());
        while (true)
        {
            var read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            var (lines, rest) = Split(read.Buffer, read.IsCompleted);
            // Before anything may throw: a body that is left in the middle of a read would take its connection with it.
            reader.AdvanceTo(rest.Start, read.Buffer.End);
            foreach (var line in lines) { Take(line); }
            if (rest.Length > options.BodyBytesMax || total + rest.Length > options.BatchBytesMax) { throw TooLarge(options); }
            if (read.IsCompleted) { return new BatchBody(tasks, null, true) { Broken = broken }; }
        }

        void Take(byte[] line)
        {
            total += line.Length + 1;
            if (line.Length > options.BodyBytesMax || total > options.BatchBytesMax + 1L) { throw TooLarge(options); }
            var text = line.AsSpan().Trim(" \t\r"u8);
            if (text.IsEmpty) { return; }
            if (tasks.Count == BatchLimits.TasksMax) { throw TooMany(); }
            try
            {
                tasks.Add(RequestBody.Parse(text, RequestBody.Limits(options), BatchItem.PointerOf(tasks.Count)));
            }
            catch (ProtocolException e)
            {
                // Its place is kept by what is no task and yet its own: the same lines again are the same batch.
                broken[tasks.Count] = e.Errors.Count > 0
                    ? e.Errors
                    : [new FieldError(BatchItem.PointerOf(tasks.Count), e.Message, e.Kind.Code)];
                tasks.Add(JsonSerializer.SerializeToElement(Convert.ToHexStringLower(SHA256.HashData(text))));
            }
        }
    }

    private static (List<byte[]> Lines, ReadOnlySequence<byte> Open) Split(ReadOnlySequence<byte> buffer, bool isLast)
    {
        var lines = new List<byte[]>();
        while (buffer.PositionOf((byte)'\n') is { } end)
        {
            lines.Add(buffer.Slice(0, end).ToArray());
            buffer = buffer.Slice(buffer.GetPosition(1, end));
        }

        if (!isLast) { return (lines, buffer); }
        lines.Add(buffer.ToArray());
        return (lines, buffer.Slice(buffer.End));
    }

    private static ProtocolException TooMany() =>
        new(ErrorKind.TooLarge, $"The batch has more than {BatchLimits.TasksMax} tasks.",
            new FieldError("#/tasks", $"at most {BatchLimits.TasksMax} tasks; send the rest in another batch", ErrorKind.TooLarge.Code));

    private static ProtocolException TooLarge(GatewayOptions options) =>
        new(ErrorKind.TooLarge, $"The batch is over {options.BatchBytesMax} bytes, or one line over {options.BodyBytesMax}.",
            new FieldError("#", $"at most {options.BatchBytesMax} bytes, {options.BodyBytesMax} in a line", ErrorKind.TooLarge.Code));

    private static ProtocolException Wrong(string pointer, string detail) =>
        new(ErrorKind.Validation, $"{pointer}: {detail}", new FieldError(pointer, detail, ErrorKind.Validation.Code));
}

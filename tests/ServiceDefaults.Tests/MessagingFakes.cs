using System.Collections.Concurrent;
using System.Diagnostics;
using A2A.Micro.Contracts.Errors;
using MassTransit;

namespace A2A.Micro.ServiceDefaults.Tests;

internal sealed class PokeConsumer(Seen seen) : IConsumer<Poke>
{
    public async Task Consume(ConsumeContext<Poke> context)
    {
        seen.Record(context);
        if (seen.Wait) { await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken); }
        if (seen.Fail?.Invoke(context.Message) is { } exception) { throw exception; }
    }
}

internal sealed class ErrorReader(Seen seen) : IConsumer<Poke>
{
    public Task Consume(ConsumeContext<Poke> context)
    {
        var headers = context.ReceiveContext.TransportHeaders;
        seen.Park(new Parked(headers.Get<string>("MT-Fault-ExceptionType") ?? "", headers.Get<string>("MT-Fault-Message") ?? ""));
        return Task.CompletedTask;
    }
}

internal sealed class FaultReader(Seen seen) : IConsumer<Fault<Poke>>, IConsumer<Marker>
{
    public Task Consume(ConsumeContext<Fault<Poke>> context) => seen.AddFault("fault");

    public Task Consume(ConsumeContext<Marker> context) => seen.AddFault("marker");
}

internal sealed class Answerer : IConsumer<Ask>
{
    public Task Consume(ConsumeContext<Ask> context) => context.Message.Question == "fail"
        ? throw new InvalidOperationException("asked to")
        : context.RespondAsync(new Told { Answer = context.Message.Question + "!" });
}

/// <summary>Leaves on a message what a sender without MassTransit would have written.</summary>
internal sealed class ForeignSender(Seen seen) : ISendObserver
{
    public Task PreSend<T>(SendContext<T> context) where T : class
    {
        if (seen.Foreign is { } trace)
        {
            context.Headers.Set("MT-Activity-Id", null);
            context.Headers.Set("traceparent", trace);
        }

        return Task.CompletedTask;
    }

    public Task PostSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

    public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;
}

/// <summary>A message of the tests.</summary>
public sealed record Poke
{
    public string? Text { get; init; }

    public Severity? Kind { get; init; }

    public DateTimeOffset? AtTime { get; init; }
}

public sealed record Marker;

public sealed record Ask
{
    public required string Question { get; init; }
}

public sealed record Told
{
    public required string Answer { get; init; }
}

internal sealed record Heard(string? Text, Severity? Kind, string Endpoint, string? TraceId, Dictionary<string, string> Headers);

internal sealed record Parked(string ExceptionType, string Message);

/// <summary>What the consumers of one test saw.</summary>
internal sealed class Seen
{
    private readonly BlockingQueue<Heard> _heard = new();
    private readonly BlockingQueue<Parked> _parked = new();
    private readonly BlockingQueue<string> _faults = new();
    private int _count;

    public string Endpoint { get; } = "test.poke." + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N");

    public string FaultEndpoint => Endpoint + ".faults";

    public Func<Poke, Exception?>? Fail { get; set; }

    public bool Wait { get; init; }

    public string? Foreign { get; set; }

    public bool Retries { get; init; }

    public int Count => Volatile.Read(ref _count);

    public Task<Heard> Next() => _heard.Take();

    public Task<Parked> Parked() => _parked.Take();

    public Task<string> NextFault() => _faults.Take();

    public void Park(Parked parked) => _parked.Add(parked);

    public Task AddFault(string what)
    {
        _faults.Add(what);
        return Task.CompletedTask;
    }

    public void Record(ConsumeContext<Poke> context)
    {
        _ = Interlocked.Increment(ref _count);
        var headers = context.Headers.GetAll()
            .Where(header => header.Value is string).ToDictionary(header => header.Key, header => (string)header.Value);
        _heard.Add(new Heard(
            context.Message.Text, context.Message.Kind, context.ReceiveContext.InputAddress.AbsolutePath.Split('/')[^1],
            Activity.Current?.TraceId.ToHexString(), headers));
    }

    private sealed class BlockingQueue<T>
    {
        private readonly System.Threading.Channels.Channel<T> _items = System.Threading.Channels.Channel.CreateUnbounded<T>();

        public void Add(T item) => _ = _items.Writer.TryWrite(item);

        public async Task<T> Take()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            return await _items.Reader.ReadAsync(patience.Token);
        }
    }
}

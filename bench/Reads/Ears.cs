using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace A2A.Micro.Bench.Reads;

/// <summary>Listeners that note how long after its commit, by the time that it carries, they heard of a change.</summary>
internal static class Ears
{
    /// <summary>The head of a table of what was heard.</summary>
    public const string Columns = "heard | p50 ms | p95 ms | p99 ms";

    /// <summary>A row of it, without the first and the last bar.</summary>
    public static string Row(ConcurrentQueue<double> heard)
    {
        var sorted = heard.Order().ToArray();
        double At(double share) => sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
        return string.Create(CultureInfo.InvariantCulture, $"{sorted.Length} | {At(0.5):0.0} | {At(0.95):0.0} | {At(0.99):0.0}");
    }

    /// <summary>Reads an event stream of a Gateway until it is told to end.</summary>
    /// <param name="http">A client of the Gateway.</param>
    /// <param name="path">The stream.</param>
    /// <param name="heard">Gets milliseconds.</param>
    /// <param name="ready">Called once, when everything that follows is heard.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task Stream(HttpClient http, string path, ConcurrentQueue<double> heard, Action ready, CancellationToken cancellation)
    {
        try
        {
            using var reply = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellation);
            using var lines = new StreamReader(await reply.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellation));
            var isReady = false;
            while (await lines.ReadLineAsync(cancellation) is { } line)
            {
                if (!isReady && line == "event: ready")
                {
                    isReady = true;
                    ready();
                }

                const string Member = "\"updated_at\":\"";
                if (line.IndexOf(Member, StringComparison.Ordinal) is not (>= 0 and var at)) { continue; }
                heard.Enqueue(Since(DateTimeOffset.Parse(line.AsSpan(at + Member.Length, 24), CultureInfo.InvariantCulture)));
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }

    /// <summary>Takes everything that goes to some exchanges, as any AMQP client may; the channel ends it.</summary>
    public static async Task Broker(
        IChannel channel, IEnumerable<string> exchanges, Func<JsonElement, IEnumerable<DateTimeOffset>> times, ConcurrentQueue<double> heard)
    {
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        foreach (var exchange in exchanges)
        {
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
            await channel.QueueBindAsync(queue, exchange, routingKey: "");
        }

        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            using var envelope = JsonDocument.Parse(delivery.Body);
            foreach (var time in times(envelope.RootElement.GetProperty("message"))) { heard.Enqueue(Since(time)); }
            return Task.CompletedTask;
        };
        _ = await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
    }

    private static double Since(DateTimeOffset time) => (TimeProvider.System.GetUtcNow() - time).TotalMilliseconds;
}

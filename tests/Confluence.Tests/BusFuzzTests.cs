using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.Standalone;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace A2A.Micro.Confluence.Tests;

/// <summary>
/// Bad messages to every queue of the system (reliability 8): nothing is parked without a reason that says what is wrong, nothing stops, nothing is lent out.
/// </summary>
[Trait("Requirement", "39")]
[Trait("Requirement", "55")]
[Trait("Requirement", "45")]
public sealed class BusFuzzTests(ITestOutputHelper output)
{
    private const int Messages = 5000;
    private const int Seed = 20260321;

    private static readonly string[] Queues =
    [
        Endpoints.Tasks, Endpoints.Allocations, Endpoints.Agents, Endpoints.Resources, Endpoints.Transitions, Endpoints.Status, Endpoints.States,
        Endpoints.SharedState, Endpoints.Repairs, Endpoints.Commands, Endpoints.Requests, Endpoints.Payloads, Endpoints.Audit,
    ];

    private static readonly JsonNode?[] Values =
    [
        null, true, 0, -1, 1.5, 1e300, "", "t", "\0", "x y", "2026-03-21T15:00:00", "9999-12-31T23:59:59Z", "urn:uuid:0", new string('x', 300),
        new JsonArray(), new JsonObject(), new JsonArray(null, 1), new JsonObject { ["a"] = new JsonArray() },
    ];

    [Fact]
    public async Task Thousands_of_bad_messages_are_taken_or_parked_with_a_reason_and_the_system_goes_on()
    {
        var app = MicroHost.Build(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default=None"], TransportKind.InMemory, StoreKind.InMemory,
            [.. EmbeddedSystem.Services()]);
        await using var host = app;
        var counter = new Counter();
        _ = app.Services.GetRequiredService<IBusControl>().ConnectReceiveObserver(counter);
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(20) };
        var (bus, random, sent) = (app.Services.GetRequiredService<IBus>(), new Random(Seed), 0);
        var types = Types();
        foreach (var chunk in Enumerable.Range(0, Messages).Chunk(250))
        {
            await Task.WhenAll(chunk.Select(async i =>
            {
                var (urn, body) = Body(random, types);
                var endpoint = await bus.GetSendEndpoint(Endpoints.Address(i % 8 == 0 ? Queues[i / 8 % Queues.Length] : QueueOf(urn)));
                // The type does not matter: the bytes say what it is.
                await endpoint.Send(new StepsWanted { TaskId = "t", From = 1, Until = default }, context => context.Serializer = new Raw(body));
            }));
            sent += chunk.Length;
            await Eventually.True(() => counter.Done >= sent, $"{sent} messages are done with", () => $"{counter.Done}", TimeSpan.FromSeconds(60));
        }

        var letters = await Letters(http);
        output.WriteLine($"{letters.Count} of {Messages} parked");
        foreach (var group in letters.GroupBy(Kind).OrderByDescending(group => group.Count()).Take(30)) { output.WriteLine($"{group.Count()} x {group.Key}"); }
        Assert.InRange(letters.Count, Messages / 10, Messages);
        Assert.DoesNotContain(letters, letter => Kind(letter).Length < 8);
        Assert.DoesNotContain(letters, letter => Kind(letter).Contains("Object reference not set", StringComparison.Ordinal));
        // What a parser says stands nowhere alone: who wrote the message is told the field.
        Assert.DoesNotContain(letters, letter => Kind(letter).Contains("LineNumber", StringComparison.Ordinal) && Text(letter, "code") is null);
        var shapes = letters.Where(letter => Text(letter, "code") == "MSG001").ToList();
        Assert.InRange(shapes.Count, Messages / 10, Messages);
        Assert.All(shapes, letter => Assert.StartsWith("#", Text(letter, "pointer"), StringComparison.Ordinal));
        await StillWorks(http);
        await app.StopAsync();
    }

    // A task is taken, waits for an agent, is cancelled; and nothing is held.
    private static async Task StillWorks(HttpClient http)
    {
        using var content = new StringContent("""{"task_id":"sane","task_type":"still.works","on_infeasible":"wait"}""", Encoding.UTF8, "application/json");
        using var taken = await http.PostAsync(new Uri("/v1/tasks", UriKind.Relative), content);
        Assert.Equal(202, (int)taken.StatusCode);
        _ = await Eventually.Seen(_ => Get(http, "/v1/tasks/sane"), task => task.GetProperty("state").GetString() == "queued", "it waits");
        using var cancelled = await http.PostAsync(new Uri("/v1/tasks/sane/cancel", UriKind.Relative), null);
        _ = await Eventually.Seen(_ => Get(http, "/v1/tasks/sane"), task => task.GetProperty("state").GetString() == "cancelled", "it is cancelled");
        var resources = await Get(http, "/v1/resources");
        Assert.All(resources.GetProperty("totals").EnumerateArray(), kind => Assert.Equal(0, kind.GetProperty("used").GetDouble()));
    }

    private static string Kind(JsonElement letter) => Text(letter, "reason") ?? "";

    private static string? Text(JsonElement letter, string name) => letter.TryGetProperty(name, out var text) ? text.GetString() : null;

    private static async Task<List<JsonElement>> Letters(HttpClient http)
    {
        var letters = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await Get(http, "/v1/dead-letters?limit=200" + (cursor.Length > 0 ? "&cursor=" + cursor : ""));
            letters.AddRange(page.GetProperty("letters").EnumerateArray());
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }

        return letters;
    }

    private static async Task<JsonElement> Get(HttpClient http, string path) => JsonElement.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative)));

    private static List<(string Urn, JsonObject Schema)> Types() =>
    [
        .. typeof(WireJson).Assembly.GetExportedTypes()
            .Where(type => type.GetCustomAttributes(typeof(MessageUrnAttribute), false).Length > 0 && !type.IsAbstract)
            .Select(type => (MessageUrn.ForTypeString(type), JsonNode.Parse(WireSchema.Of(type, WireJson.Options).GetRawText())!.AsObject())),
    ];

    // Where messages of a kind are heard.
    private static string QueueOf(string urn) => urn.Split(':')[^1].Split('.') switch
    {
        ["agent", ..] or ["task_type", ..] => Endpoints.Agents,
        ["resource", "allocate" or "release"] => Endpoints.Allocations,
        ["resource", "allocated" or "denied" or "waiting" or "revoked"] => Endpoints.Tasks,
        ["resource", ..] or ["requester", ..] => Endpoints.Resources,
        ["task", "transitioned"] => Endpoints.Transitions,
        ["task", "status" or "partial"] => Endpoints.Status,
        ["task", "steps", ..] => Endpoints.Repairs,
        ["task", "request"] => Endpoints.Requests,
        ["state", "attempts"] => Endpoints.States,
        ["state", ..] => Endpoints.SharedState,
        ["payload", ..] => Endpoints.Payloads,
        ["audit", ..] => Endpoints.Audit,
        _ => Endpoints.Tasks,
    };

    private static (string Urn, byte[] Body) Body(Random random, List<(string Urn, JsonObject Schema)> types)
    {
        lock (random)
        {
            var (urn, schema) = types[random.Next(types.Count)];
            var envelope = new JsonObject
            {
                ["messageId"] = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(random.Next())).ToString(),
                ["messageType"] = new JsonArray(random.Next(20) == 0 ? "urn:a2a:nobody.knows" : urn),
                ["message"] = random.Next(20) == 0 ? Values[random.Next(Values.Length)]?.DeepClone() : Message(random, schema),
            };
            var bytes = Encoding.UTF8.GetBytes(envelope.ToJsonString());
            return (urn, random.Next(8) > 0 ? bytes : Spoilt(random, bytes));
        }
    }

    private static JsonObject Message(Random random, JsonObject schema)
    {
        var message = new JsonObject();
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            if (random.Next(6) == 0) { continue; }
            message[name] = random.Next(4) == 0 ? Values[random.Next(Values.Length)]?.DeepClone() : Fitting(random, name, property);
        }

        return message;
    }

    private static JsonNode? Fitting(Random random, string name, JsonNode? property)
    {
        if (property is not JsonObject schema) { return "any"; }
        if (schema["enum"] is JsonArray words) { return words[random.Next(words.Count)]?.DeepClone(); }
        var type = schema["type"] is JsonArray several ? several[0]?.GetValue<string>() : schema["type"]?.GetValue<string>();
        return type switch
        {
            "integer" or "number" => random.Next(4),
            "boolean" => random.Next(2) == 0,
            "array" => new JsonArray(),
            "object" => new JsonObject(),
            _ when schema["format"]?.GetValue<string>() == "date-time" => "2026-03-21T15:00:00Z",
            _ => name.EndsWith("_id", StringComparison.Ordinal) ? $"id-{random.Next(3)}" : "data.analysis",
        };
    }

    private static byte[] Spoilt(Random random, byte[] body)
    {
        var at = random.Next(body.Length);
        switch (random.Next(3))
        {
            case 0: body[at] ^= (byte)(1 << random.Next(8)); return body;
            case 1: return body[..at];
            default: return [.. body[..at], .. body[random.Next(body.Length)..]];
        }
    }

    private sealed class Raw(byte[] body) : IMessageSerializer
    {
        public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

        public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class => new BytesMessageBody(body);
    }

    private sealed class Counter : IReceiveObserver
    {
        private int _done;

        public int Done => Volatile.Read(ref _done);

        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostReceive(ReceiveContext context) => Count(context);

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class =>
            Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Count(context);

        private Task Count(ReceiveContext context)
        {
            var queue = context.InputAddress.Segments[^1];
            if (Queues.Contains(queue)) { _ = Interlocked.Increment(ref _done); }
            return Task.CompletedTask;
        }
    }
}

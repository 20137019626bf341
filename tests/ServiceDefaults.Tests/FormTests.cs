using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net.Mime;
using System.Text;
using MassTransit;
using MassTransit.Serialization;
using MessagePack;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.ServiceDefaults.Tests;

/// <summary>A message is read in whatever form it comes, and what fits none is parked with what each had against it (requirements 39, 46).</summary>
[Trait("Requirement", "39")]
[Trait("Requirement", "46")]
public sealed class FormTests : IAsyncLifetime
{
    private const string Envelope = """{"messageType":["urn:message:A2A.Micro.ServiceDefaults.Tests:Poke"],"message":{"text":"hello"}}""";
    private const string Type = "urn:message:A2A.Micro.ServiceDefaults.Tests:Poke";
    private readonly Seen _seen = new();
    private readonly ConcurrentQueue<string> _parked = new();
    private TestHost _host = null!;

    public async Task InitializeAsync() => _host = await TestHost.Start(new LambdaModule
    {
        Services = services => services.AddSingleton(_seen),
        Consumers = bus => bus.AddConsumer<PokeConsumer>().Endpoint(endpoint => endpoint.Name = _seen.Endpoint),
        Queues = (bus, _) => bus.ReceiveEndpoint(_seen.Endpoint + "_error", endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.ConfigureReceive(pipe => pipe.UseFilter(new Parking(_parked)));
        }),
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_envelope_comes_as_it_is() => await Arrives(Encoding.UTF8.GetBytes(Envelope));

    [Fact]
    public async Task The_envelope_comes_compressed() => await Arrives(Packed(Encoding.UTF8.GetBytes(Envelope)));

    [Fact]
    public async Task The_envelope_comes_as_MessagePack() => await Arrives(MessagePackSerializer.ConvertFromJson(Envelope));

    [Theory]
    [InlineData(Type)]
    public async Task A_bare_message_names_its_type_in_a_header(string type)
    {
        await Arrives("""{"text":"hello"}"""u8.ToArray(), type);
        await Arrives(Packed("""{"text":"hello"}"""u8.ToArray()), type);
        await Arrives(MessagePackSerializer.ConvertFromJson("""{"text":"hello"}"""), type);
        await Arrives(Packed(MessagePackSerializer.ConvertFromJson("""{"text":"hello"}""")), type);
        // An envelope that says its type twice is an envelope.
        await Arrives(Encoding.UTF8.GetBytes(Envelope), null);
    }

    [Theory]
    [InlineData("not a message", "json: ")]
    [InlineData("{", "json: ")]
    [InlineData("[1,2,3]", "json: ")]
    public async Task What_fits_no_form_is_parked_with_what_each_had_against_it_and_the_next_one_arrives(string body, string reason)
    {
        await Send(Encoding.UTF8.GetBytes(body));
        await Eventually.True(() => !_parked.IsEmpty, "it is parked");
        Assert.True(_parked.TryDequeue(out var why));
        Assert.StartsWith("MSG002 Failed to deserialize the message: ", why, StringComparison.Ordinal);
        Assert.Contains(reason, why, StringComparison.Ordinal);
        await Arrives(Encoding.UTF8.GetBytes(Envelope));
    }

    [Fact]
    public async Task What_unpacks_to_more_than_it_may_is_parked()
    {
        var bomb = new byte[40 * 1024 * 1024];
        Array.Fill(bomb, (byte)' ');
        await Send(Packed(bomb));
        await Eventually.True(() => _parked.Any(why => why.Contains("it unpacks to more than", StringComparison.Ordinal)), "it is parked",
            () => string.Join(';', _parked));
    }

    private static byte[] Packed(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) { gzip.Write(body); }
        return packed.ToArray();
    }

    private async Task Arrives(byte[] body, string? type = null)
    {
        await Send(body, type);
        Assert.Equal("hello", (await _seen.Next()).Text);
    }

    private Task Send(byte[] body, string? type = null) => _host.Send(_seen.Endpoint, new Poke(), context =>
    {
        context.Serializer = new Raw(body);
        if (type is not null) { context.Headers.Set(AnyForm.TypeHeader, type); }
    });

    private sealed class Raw(byte[] body) : IMessageSerializer
    {
        public ContentType ContentType { get; } = new("application/octet-stream");

        public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class => new BytesMessageBody(body);
    }

    private sealed class Parking(ConcurrentQueue<string> parked) : IFilter<ReceiveContext>
    {
        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
        {
            parked.Enqueue(context.TransportHeaders.Get<string>("MT-Fault-Message") ?? "");
            return Task.CompletedTask;
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("parking");
    }
}

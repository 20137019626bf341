using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Outbox;
using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;

namespace A2A.Micro.ServiceDefaults.Tests;

/// <summary>What is large travels compressed to those who read it, and to nobody else (requirement 64).</summary>
[Trait("Requirement", "64")]
public sealed class WrittenFormTests
{
    private const int Over = 32 * 1024;
    private static readonly Poke Large = new() { Text = new string('x', 100_000) };

    [Theory]
    [InlineData("rabbitmq://mq/a2a/" + Endpoints.Tasks)]
    [InlineData("rabbitmq://mq:5673/" + Endpoints.Transitions)]
    [InlineData("rabbitmq://mq/" + Endpoints.SharedState + "?type=fanout")]
    public void A_service_gets_it_compressed_and_reads_what_was_said(string address)
    {
        var body = Write(Large, address);
        Assert.InRange(body.Length, 1, 2_000);
        var envelope = JsonSerializer.Deserialize<JsonElement>(Gzip.Unpack(body));
        Assert.Equal(Large.Text, envelope.GetProperty("message").GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("rabbitmq://mq/a2a/agent.a1")]
    [InlineData("rabbitmq://mq/a2a/agent.a1.control")]
    [InlineData("rabbitmq://mq/a2a/task.events.default")]
    [InlineData("rabbitmq://mq/a2a/task.results")]
    [InlineData("rabbitmq://mq/a2a/some.client?temporary=true")]
    [InlineData("rabbitmq://mq/a2a/" + Endpoints.Payloads)]
    public void Nobody_gets_it_compressed_who_did_not_say_that_he_reads_it(string address) => Assert.Equal('{', (char)Write(Large, address)[0]);

    [Fact]
    public void An_agent_that_said_so_gets_it_compressed() => Assert.InRange(Write(Large, "rabbitmq://mq/agent.a1", takesGzip: true).Length, 1, 2_000);

    [Fact]
    public void A_small_message_goes_as_it_is()
    {
        Assert.Equal('{', (char)Write(new Poke { Text = new string('x', Over - 4_000) }, "rabbitmq://mq/" + Endpoints.Tasks)[0]);
        Assert.NotEqual('{', (char)Write(new Poke { Text = new string('x', Over) }, "rabbitmq://mq/" + Endpoints.Tasks)[0]);
    }

    [Theory]
    [InlineData(30_000)]
    [InlineData(750_000)]
    public void What_would_hardly_become_smaller_goes_as_it_is(int bytes)
    {
        var noise = new byte[bytes];
        new Random(1).NextBytes(noise);
        Assert.Equal('{', (char)Write(new Poke { Text = Convert.ToBase64String(noise) }, "rabbitmq://mq/" + Endpoints.Tasks)[0]);
        // Not so what has something of it in front.
        var mixed = Convert.ToBase64String(noise.AsSpan(0, bytes / 4)) + new string('x', bytes * 2);
        Assert.NotEqual('{', (char)Write(new Poke { Text = mixed }, "rabbitmq://mq/" + Endpoints.Tasks)[0]);
    }

    [Fact]
    public void A_bulk_goes_as_it_is() => Assert.Equal('{', (char)Write(
        new Bulk { Entries = [new BulkEntry { MessageId = Guid.Empty, Urn = "a2a:poke", Body = JsonSerializer.SerializeToElement(Large) }] },
        "rabbitmq://mq/" + Endpoints.Tasks)[0]);

    [Fact]
    public void An_operator_can_switch_it_off() => Assert.Equal('{', (char)Write(Large, "rabbitmq://mq/" + Endpoints.Tasks, over: 0)[0]);

    [Fact]
    public void What_unpacks_to_too_much_is_refused_and_what_is_not_compressed_is_itself()
    {
        var packed = Gzip.Pack(new byte[Gzip.UnpackedMax + 100_000]);
        Assert.Contains("unpacks to more than", Assert.Throws<InvalidDataException>(() => Gzip.Unpack(packed)).Message, StringComparison.Ordinal);
        Assert.Equal("{}", Encoding.UTF8.GetString(Gzip.Unpack("{}"u8.ToArray())));
    }

    private static byte[] Write<T>(T message, string address, bool takesGzip = false, int over = Over) where T : class
    {
        var context = new MessageSendContext<T>(message, default)
        {
            DestinationAddress = new Uri(address),
            Serializer = new WrittenForm(over),
        };
        if (takesGzip) { _ = context.GetOrAddPayload(() => TakesGzip.Yes); }
        return context.Body.GetBytes();
    }
}

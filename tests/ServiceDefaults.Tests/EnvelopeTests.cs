using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;

namespace A2A.Micro.ServiceDefaults.Tests;

/// <summary>Our way of writing and reading the envelope is MassTransit's, only shorter: each reads what the other wrote.</summary>
public sealed class EnvelopeTests
{
    static EnvelopeTests() => SystemTextJsonMessageSerializer.Options = BusJson.Once(SystemTextJsonMessageSerializer.Options);

    private static readonly Guid Id = Guid.Parse("01234567-89ab-7def-8123-456789abcdef");

    /// <summary>What an envelope may say.</summary>
    public sealed record Said(string? Text, Guid? Request, Guid? Conversation, bool HasAddresses, string? Header, ushort Seconds);

    [Fact]
    public void MassTransit_reads_what_we_write() => Whatever(said =>
    {
        var context = Context(said);
        var theirs = JsonSerializer.SerializeToElement(new JsonMessageEnvelope(context, context.Message), SystemTextJsonMessageSerializer.Options);
        var ours = JsonElement.Parse(new EnvelopeWriter().GetMessageBody(context).GetBytes());
        return SameBut(["sentTime", "expirationTime"], theirs, ours) && Near(theirs, ours, "expirationTime") && Near(theirs, ours, "sentTime");
    });

    [Fact]
    public void We_read_what_either_wrote() => Whatever(said =>
    {
        var context = Context(said);
        byte[][] both =
        [
            new EnvelopeWriter().GetMessageBody(context).GetBytes(),
            new SystemTextJsonMessageBody<Poke>(context, SystemTextJsonMessageSerializer.Options).GetBytes(),
        ];
        return both.All(bytes => EnvelopeReader.TryRead(bytes, out var read)
            && SameBut([], Expected(bytes), Again(read)) && read.MessageId == Id.ToString());
    });

    [Theory]
    [InlineData("""{"MessageId":"01234567-89ab-7def-8123-456789abcdef","message":{}}""")]
    [InlineData("""{"message\u0049d":"01234567-89ab-7def-8123-456789abcdef","message":{}}""")]
    [InlineData("""{"message":{},"somethingElse":[1,{"a":2}]}""")]
    [InlineData("""{"message":{},"messageId":7}""")]
    [InlineData("""{"message":{},"sentTime":"yesterday"}""")]
    [InlineData("""{"message":{},"headers":[]}""")]
    [InlineData("""{"message":null}""")]
    [InlineData("""{"message":{}}}""")]
    [InlineData("""{"message":{}""")]
    [InlineData("""[]""")]
    [InlineData("")]
    public void What_is_unusual_is_left_to_the_serializer(string json) => Assert.False(EnvelopeReader.TryRead(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void A_stranger_that_never_says_the_same_twice_fills_no_memory()
    {
        for (var n = 0; n < 200; n++)
        {
            var json = $$$"""{"messageType":["urn:message:{{{n}}}"],"message":{"n":{{{n}}}},"host":{"machineName":"m{{{n}}}"}}""";
            Assert.True(EnvelopeReader.TryRead(Encoding.UTF8.GetBytes(json), out var read));
            Assert.Equal(($"urn:message:{n}", $"m{n}"), (Assert.Single(read.MessageType!), read.Host!.MachineName));
        }
    }

    [Fact]
    public void What_nests_too_deep_is_refused_as_before()
    {
        var deep = Encoding.UTF8.GetBytes($$"""{"message":{{new string('[', 60)}}{{new string(']', 60)}}}""");

        Assert.False(EnvelopeReader.TryRead(deep, out _));
        _ = Assert.Throws<JsonException>(() => Expected(deep));
    }

    private static void Whatever(Func<Said, bool> holds) =>
        Prop.ForAll(ArbMap.Default.ArbFor<Said>(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static MessageSendContext<Poke> Context(Said said)
    {
        var context = new MessageSendContext<Poke>(new Poke { Text = said.Text })
        {
            MessageId = Id,
            RequestId = said.Request,
            ConversationId = said.Conversation,
            SourceAddress = said.HasAddresses ? new Uri("rabbitmq://localhost/a b/queue?temporary=true") : null,
            DestinationAddress = said.HasAddresses ? new Uri("exchange:task.submit") : null,
            ResponseAddress = said.HasAddresses ? new Uri("queue:answers") : null,
            TimeToLive = said.Seconds > 0 ? TimeSpan.FromSeconds(said.Seconds) : null,
            SupportedMessageTypes = ["urn:message:A2A.Micro.ServiceDefaults.Tests:Poke", "urn:a2a:other"],
        };
        if (said.Header is not null)
        {
            context.Headers.Set("said", said.Header);
            context.Headers.Set("count", (int)said.Seconds);
        }

        return context;
    }

    private static JsonElement Expected(byte[] json) => Again(JsonSerializer.Deserialize<JsonMessageEnvelope>(json, SystemTextJsonMessageSerializer.Options)!);

    private static JsonElement Again(JsonMessageEnvelope envelope) =>
        JsonSerializer.SerializeToElement(envelope, SystemTextJsonMessageSerializer.Options);

    // A member that is null says as much as one that is not there.
    private static bool SameBut(string[] times, JsonElement one, JsonElement other) => Members(one, times).SequenceEqual(Members(other, times));

    private static IEnumerable<(string, string)> Members(JsonElement envelope, string[] but) =>
        envelope.EnumerateObject()
            .Where(member => member.Value.ValueKind != JsonValueKind.Null && !but.Contains(member.Name))
            .Select(member => (member.Name, JsonSerializer.Serialize(member.Value)))
            .Order();

    private static bool Near(JsonElement one, JsonElement other, string name) =>
        one.GetProperty(name) is { ValueKind: JsonValueKind.String } at
            ? (other.GetProperty(name).GetDateTime() - at.GetDateTime()).Duration() < TimeSpan.FromMinutes(1)
            : !other.TryGetProperty(name, out _);
}

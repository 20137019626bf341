using System.Net;
using A2A.Micro.Gateway.Webhooks;
using Microsoft.Extensions.Options;
using static A2A.Micro.Gateway.Tests.WebhookRulesTests;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Security 9: what a name means is looked up and judged whenever a connection is made.</summary>
public sealed class WebhookGuardTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("169.254.169.254")]
    [InlineData("10.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task A_name_that_leads_inside_at_the_moment_of_the_call_is_not_called(string inside)
    {
        // Public when it was looked at first, inside when it counts; one address that is fine does not save the other.
        using var sender = Sender(new WebhookOptions(), "93.184.215.14", inside);
        var outcome = await sender.Send(Webhook() with { Url = "https://rebound.example.com:8443/" }, Delivery, default);
        Assert.Equal("refused: the name leads to an address that may not be called", outcome.Error);
    }

    [Fact]
    public async Task An_address_that_was_allowed_when_it_was_kept_is_judged_again()
    {
        using var sender = Sender(new WebhookOptions(), "127.0.0.1");
        var outcome = await sender.Send(Webhook() with { Url = "http://127.0.0.1:9/" }, Delivery, default);
        Assert.Equal("refused: https is expected", outcome.Error);
    }

    [Fact]
    public async Task The_connection_goes_to_the_address_that_was_looked_up()
    {
        await using var receiver = await Receiver.Start();
        using var sender = Sender(new WebhookOptions { AllowPrivate = true }, "127.0.0.1");
        var url = receiver.Url.Replace("127.0.0.1", "hooks.example.com", StringComparison.Ordinal);
        var outcome = await sender.Send(Webhook() with { Url = url }, Delivery, default);
        Assert.Equal((200, (string?)null), (outcome.Status, outcome.Error));
        Assert.Single(receiver.Hooks);
    }

    private static DeliveryRow Delivery => WebhookRules.Delivery("wh", "evt", "a", null, "{}", DateTimeOffset.UnixEpoch);

    private static WebhookSender Sender(WebhookOptions options, params string[] addresses) =>
        new((_, _) => Task.FromResult(Array.ConvertAll(addresses, IPAddress.Parse)), Options.Create(options), TimeProvider.System);
}

using System.Net;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Webhooks;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Signatures, schedule and addresses of webhooks, as Standard Webhooks 1.0 and security 9 have them.</summary>
[Trait("Requirement", "13")]
[Trait("Requirement", "77")]
public sealed class WebhookRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_signature_is_the_one_of_the_standards_reference_libraries() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSecret.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
            DateTimeOffset.FromUnixTimeSeconds(1614265330), """{"test": 2432232314}"""));

    [Fact]
    public void While_a_secret_is_rotated_there_are_two_signatures_the_new_one_first()
    {
        var webhook = Webhook() with { OldSecret = WebhookSecret.Draw(), OldSecretUntil = Noon };
        var before = Noon.AddSeconds(-1);
        Assert.Equal(WebhookSecret.Sign(webhook.Secret, "evt", before, "{}") + " " + WebhookSecret.Sign(webhook.OldSecret, "evt", before, "{}"),
            WebhookSecret.SignAll(webhook, "evt", before, "{}"));
        Assert.Equal(WebhookSecret.Sign(webhook.Secret, "evt", Noon, "{}"), WebhookSecret.SignAll(webhook, "evt", Noon, "{}"));
    }

    [Theory]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("whsec_not base64 at all, whatever one may say of it")]
    [InlineData(null)]
    public void What_is_no_secret_is_none(string? text) => Assert.Null(WebhookSecret.Read(text));

    [Fact]
    public void Secrets_that_are_drawn_are_secrets_and_differ()
    {
        Assert.Equal(32, WebhookSecret.Read(WebhookSecret.Draw())!.Length);
        Assert.NotEqual(WebhookSecret.Draw(), WebhookSecret.Draw());
    }

    [Fact]
    public void Attempts_follow_the_schedule_of_the_standard_with_up_to_a_tenth_more()
    {
        double[] seconds = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400];
        var delivery = WebhookRules.Delivery("wh", "evt", "a2a.task.completed.v1", "t", "{}", Noon);
        foreach (var pause in seconds)
        {
            Assert.Equal(Noon.AddSeconds(pause * 1.1), WebhookRules.After(delivery, Bad(500), [], 1, Noon).NextAt!.Value, TimeSpan.FromSeconds(1));
            delivery = WebhookRules.After(delivery, Bad(500), [], 0, Noon);
            Assert.Equal((DeliveryState.Pending, Noon.AddSeconds(pause)), (delivery.State, delivery.NextAt));
        }

        var last = WebhookRules.After(delivery, Bad(500), [], 0, Noon);
        Assert.Equal((DeliveryState.Failed, (DateTimeOffset?)null, 10), (last.State, last.NextAt, last.Attempts));
        Assert.Equal(DeliveryState.Delivered, WebhookRules.After(delivery, Good, [], 0, Noon).State);
    }

    [Fact]
    public void A_receiver_may_ask_for_a_longer_pause_but_for_no_longer_than_a_day_and_never_for_a_shorter_one()
    {
        var delivery = WebhookRules.Delivery("wh", "evt", "a2a.task.completed.v1", "t", "{}", Noon);
        Assert.Equal(Noon.AddMinutes(7), WebhookRules.After(delivery, Bad(429) with { RetryAfter = TimeSpan.FromMinutes(7) }, [], 0, Noon).NextAt);
        Assert.Equal(Noon.AddSeconds(5), WebhookRules.After(delivery, Bad(429) with { RetryAfter = TimeSpan.FromSeconds(-9) }, [], 0, Noon).NextAt);
        Assert.Equal(Noon.AddDays(1), WebhookRules.After(delivery, Bad(429) with { RetryAfter = TimeSpan.MaxValue }, [], 0, Noon).NextAt);
    }

    [Fact]
    public void A_webhook_is_disabled_when_nothing_got_through_for_long_enough_or_when_it_is_gone()
    {
        var failing = WebhookRules.After(Webhook(), Bad(500), TimeSpan.FromDays(5), Noon);
        Assert.Equal((WebhookState.Active, Noon), (failing.State, failing.FailingSince));
        Assert.Equal(WebhookState.Active, WebhookRules.After(failing, Bad(500), TimeSpan.FromDays(5), Noon.AddDays(5).AddSeconds(-1)).State);
        var disabled = WebhookRules.After(failing, Bad(500), TimeSpan.FromDays(5), Noon.AddDays(5));
        Assert.Equal(WebhookState.Disabled, disabled.State);
        Assert.Contains("2026-03-21T12:00:00Z", disabled.Reason, StringComparison.Ordinal);
        Assert.Null(WebhookRules.After(failing, Good, TimeSpan.FromDays(5), Noon.AddDays(9)).FailingSince);
        Assert.Equal(WebhookState.Disabled, WebhookRules.After(Webhook(), Bad(410), TimeSpan.FromDays(5), Noon).State);
        Assert.Equal(WebhookState.Paused, WebhookRules.After(Webhook() with { State = WebhookState.Paused }, Bad(410), TimeSpan.Zero, Noon).State);
    }

    [Fact]
    public void A_webhook_gets_what_all_its_filters_let_through()
    {
        Assert.True(WebhookRules.Wants(Webhook(), Event("t", TaskState.Completed)));
        Assert.True(WebhookRules.Wants(Webhook() with { Events = ["task.completed", "task.failed"] }, Event("t", TaskState.Completed)));
        Assert.False(WebhookRules.Wants(Webhook() with { Events = ["task.failed"] }, Event("t", TaskState.Completed)));
        Assert.True(WebhookRules.Wants(Webhook() with { Events = ["task.*"], TaskTypes = ["data.*"], Requesters = ["me"] }, Event("t", TaskState.Completed)));
        Assert.False(WebhookRules.Wants(Webhook() with { TaskTypes = ["image.*"] }, Event("t", TaskState.Completed)));
        Assert.False(WebhookRules.Wants(Webhook() with { Requesters = ["you"] }, Event("t", TaskState.Completed)));
        Assert.True(WebhookRules.Wants(Webhook() with { TaskTypes = ["data.analysis"] }, Event("t", TaskState.Completed, "data.analysis@2")));
        Assert.False(WebhookRules.Wants(Webhook() with { State = WebhookState.Paused }, Event("t", TaskState.Completed)));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("203.0.113.7")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("fe80::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("ff02::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    public void An_address_of_the_inside_is_not_public(string address) => Assert.False(AddressRules.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450::1")]
    public void An_address_of_the_internet_is_public(string address) => Assert.True(AddressRules.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://hooks.example.com/")]
    [InlineData("https://hooks.example.com:8080/")]
    [InlineData("https://user:pw@hooks.example.com/")]
    [InlineData("https://hooks.example.com@127.0.0.1/")]
    [InlineData("https://hooks.example.com/#fragment")]
    [InlineData("https:///path")]
    [InlineData("https://")]
    [InlineData("//hooks.example.com/")]
    [InlineData("/relative")]
    [InlineData("ftp://hooks.example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://127.0.0.1:25/")]
    [InlineData("https://localhost/")]
    [InlineData("https://LOCALHOST./")]
    [InlineData("https://api.localhost/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://127.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0x7f.0.0.1/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://017700000001/")]
    [InlineData("https://0/")]
    [InlineData("https://0.0.0.0/")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://169.254.169.254./")]
    [InlineData("https://0xa9fea9fe/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://[::ffff:7f00:1]/")]
    [InlineData("https://[0:0:0:0:0:ffff:a9fe:a9fe]/")]
    [InlineData("https://[fe80::1%25eth0]/")]
    [InlineData("https://[fd00::1]/")]
    [InlineData("https://[64:ff9b::7f00:1]/")]
    [InlineData("https://metadata.google.internal/")]
    [InlineData("https://printer.local/")]
    [InlineData("https://router.lan/")]
    [InlineData("https://rabbitmq/")]
    [InlineData("https://postgres:443/")]
    [InlineData("https://hooks.example.com\\@127.0.0.1/")]
    [InlineData("https://hooks.example.com /")]
    [InlineData("https://hooks.example.com/\r\nX-Evil: 1")]
    [InlineData("https://①②⑦.⓪.⓪.①/")]
    [InlineData("https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("not an address")]
    [InlineData("")]
    public void An_address_that_leads_inside_or_that_may_is_refused(string url) => Assert.NotNull(AddressRules.Refuse(url, new WebhookOptions()));

    [Theory]
    [InlineData("https://hooks.example.com/a2a?team=7")]
    [InlineData("https://hooks.example.com:8443/")]
    [InlineData("https://8.8.8.8/")]
    [InlineData("https://xn--bcher-kva.example/")]
    public void An_address_of_the_public_internet_is_fine(string url) => Assert.Null(AddressRules.Refuse(url, new WebhookOptions()));

    [Fact]
    public void A_list_of_hosts_lets_nobody_else_in()
    {
        var options = new WebhookOptions { HostsAllowed = { "hooks.example.com", "*.partner.example" } };
        Assert.Null(AddressRules.Refuse("https://hooks.example.com/", options));
        Assert.Null(AddressRules.Refuse("https://eu.partner.example/", options));
        Assert.NotNull(AddressRules.Refuse("https://partner.example/", options));
        Assert.NotNull(AddressRules.Refuse("https://eu.partner.example.evil.example/", options));
    }

    internal static readonly Outcome Good = new(Noon, 204, null, 7);

    internal static Outcome Bad(int? status) => new(Noon, status, $"answered {status}", 7);

    internal static WebhookRow Webhook(string id = "wh") => new()
    {
        WebhookId = id,
        Url = "https://hooks.example.com/",
        Secret = WebhookSecret.Draw(),
        CreatedAt = Noon,
        UpdatedAt = Noon,
    };

    internal static TaskEvent Event(string taskId, TaskState state, string type = "data.analysis", long version = 1, string? requester = "me") => new()
    {
        Id = $"evt_{taskId}_{version}",
        Type = TaskEventName.ToType(TaskEventName.Of("transition", state)),
        Subject = taskId,
        Time = Noon,
        Data = new TaskEventData
        {
            TaskId = taskId,
            TaskType = type,
            Version = version,
            Kind = "transition",
            State = state,
            Attempt = 1,
            RequesterAgentId = requester,
        },
    };
}

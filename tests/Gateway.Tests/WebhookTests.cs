using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Webhooks;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using static A2A.Micro.Gateway.Tests.WebhookRulesTests;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Webhooks over HTTP, with a real server that receives them.</summary>
[Trait("Requirement", "13")]
[Trait("Requirement", "32")]
public sealed class WebhookTests : IAsyncLifetime
{
    private GatewayHost _host = null!;
    private Receiver _receiver = null!;

    public async Task InitializeAsync()
    {
        _receiver = await Receiver.Start();
        _host = await Start();
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task An_event_arrives_signed_as_a_cloud_event_and_the_secret_is_shown_once()
    {
        using var made = await _host.Post("/v1/webhooks", $$"""{"url":"{{_receiver.Url}}","events":["task.completed"],"description":"billing"}""");
        var webhook = await made.Json();
        Assert.Equal((201, webhook.GetProperty("links").Text("self")), ((int)made.StatusCode, made.Headers.Location?.ToString()));
        Assert.Equal(("active", "billing"), (webhook.Text("status"), webhook.Text("description")));
        using var shown = await _host.Get(webhook.GetProperty("links").Text("self")!);
        Assert.False((await shown.Json()).TryGetProperty("secret", out _));

        await Say(Event("t", TaskState.Running), Event("t", TaskState.Completed, version: 2));

        var hook = (await _receiver.Got(1))[0];
        Assert.Equal(("application/cloudevents+json; charset=utf-8", "evt_t_2"), (hook.ContentType, hook.Id));
        Assert.Equal(("a2a.task.completed.v1", "t", "evt_t_2", "1.0"),
            (hook.Event.Text("type"), hook.Event.Text("subject"), hook.Event.Text("id"), hook.Event.Text("specversion")));
        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(hook.Timestamp, CultureInfo.InvariantCulture));
        Assert.Equal(WebhookSecret.Sign(webhook.Text("secret")!, hook.Id, at, hook.Body), hook.Signature);
        Assert.DoesNotContain(hook.Headers, name => name.Equals("traceparent", StringComparison.OrdinalIgnoreCase));
        var delivery = await Delivered(webhook);
        Assert.Equal(("evt_t_2", "t", 1), (delivery.Text("event_id"), delivery.Text("task_id"), delivery.Whole("attempts")));
        using var log = await _host.Get(delivery.GetProperty("links").Text("self")!);
        var view = await log.Json();
        Assert.Equal((200, "evt_t_2"), (view.GetProperty("log")[0].Whole("status"), view.GetProperty("event").Text("id")));
        Assert.Single(_receiver.Hooks);
    }

    [Fact]
    public async Task An_attempt_that_fails_is_made_again_with_the_same_id_and_body_until_it_gets_through()
    {
        _receiver.Answer = (http, before) =>
        {
            http.Response.StatusCode = before < 2 ? 500 : 204;
            return Task.CompletedTask;
        };
        var webhook = await Add();
        await Say(Event("t", TaskState.Completed));

        var hooks = await _receiver.Got(3);

        Assert.Single(hooks.Select(hook => (hook.Id, hook.Body)).Distinct());
        using var log = await _host.Get((await Delivered(webhook)).GetProperty("links").Text("self")!);
        Assert.Equal([500, 500, 204], (await log.Json()).GetProperty("log").EnumerateArray().Select(one => one.Whole("status")));
    }

    [Fact]
    public async Task What_was_given_up_is_failed_and_can_be_replayed_alone_and_with_others()
    {
        _receiver.Answer = Status(503);
        var webhook = await Add();
        await Say(Event("a", TaskState.Completed), Event("b", TaskState.Completed), Event("c", TaskState.Completed));
        var failed = await Eventually.Seen(async _ => await Deliveries(webhook, "?status=failed"), all => all.Count == 3, "three that were given up");
        Assert.All(failed, one => Assert.Equal((3, 503, "answered 503"), (one.Whole("attempts"), one.Whole("last_status"), one.Text("last_error"))));
        _receiver.Answer = Status(200);

        using var one = await _host.Post(failed[0].GetProperty("links").Text("replay")!, "");
        Assert.Equal(202, (int)one.StatusCode);
        await Eventually.Seen(async _ => await Deliveries(webhook, "?status=delivered"), all => all.Count == 1, "the one is delivered");
        using var many = await _host.Post(webhook.GetProperty("links").Text("replay")!, "");
        Assert.Equal((202, 2, false), ((int)many.StatusCode, (await many.Json()).Whole("matched"), (await many.Json()).GetProperty("more").GetBoolean()));
        await Eventually.Seen(async _ => await Deliveries(webhook, "?status=delivered"), all => all.Count == 3, "the others are delivered");
    }

    [Fact]
    public async Task A_rotated_secret_signs_at_once_and_the_old_one_for_a_while()
    {
        var webhook = await Add();
        using var rotated = await _host.Post(webhook.GetProperty("links").Text("rotate_secret")!, """{"overlap_s":3600}""");
        var second = (await rotated.Json()).Text("secret")!;
        Assert.NotNull((await rotated.Json()).Text("previous_secret_until"));
        await Say(Event("t", TaskState.Completed));

        var hook = (await _receiver.Got(1))[0];

        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(hook.Timestamp, CultureInfo.InvariantCulture));
        Assert.Equal(
            [WebhookSecret.Sign(second, hook.Id, at, hook.Body), WebhookSecret.Sign(webhook.Text("secret")!, hook.Id, at, hook.Body)],
            hook.Signature.Split(' '));
        using var last = await _host.Post(webhook.GetProperty("links").Text("rotate_secret")!, """{"overlap_s":0}""");
        await Say(Event("t2", TaskState.Completed));
        Assert.Single((await _receiver.Got(2))[1].Signature.Split(' '));
    }

    [Fact]
    public async Task A_webhook_that_is_gone_is_disabled_with_the_reason_and_comes_back_when_asked()
    {
        _receiver.Answer = Status(410);
        var webhook = await Add();
        await Say(Event("t", TaskState.Completed));
        var self = webhook.GetProperty("links").Text("self")!;
        var disabled = await Eventually.Seen(async _ => await (await _host.Get(self)).Json(), one => one.Text("status") == "disabled", "it is disabled");
        Assert.Contains("410", disabled.Text("reason"), StringComparison.Ordinal);
        _ = await Eventually.Seen(async _ => (await (await _host.Get("/v1/audit?limit=200")).Json()).GetRawText(),
            seen => seen.Contains("\"disableWebhook\"", StringComparison.Ordinal), "it is in the audit");

        _receiver.Answer = Status(200);
        using var back = await _host.Send(HttpMethod.Patch, self, Json("""{"status":"active"}"""));
        Assert.Equal(("active", null), ((await back.Json()).Text("status"), (await back.Json()).Text("reason")));
        await Say(Event("u", TaskState.Completed));
        await _receiver.Got(2);
    }

    [Fact]
    public async Task A_webhook_that_fails_for_too_long_is_disabled()
    {
        await _host.DisposeAsync();
        _host = await Start(("A2A:Webhooks:DisableAfter", "00:00:00.100"), ("A2A:Webhooks:RetryDelays:0", "00:00:00.200"));
        _receiver.Answer = Status(500);
        var webhook = await Add();
        await Say(Event("t", TaskState.Completed));
        var self = webhook.GetProperty("links").Text("self")!;
        var disabled = await Eventually.Seen(async _ => await (await _host.Get(self)).Json(), one => one.Text("status") == "disabled", "it is disabled");
        Assert.Contains("answered 500", disabled.Text("reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paused_webhook_gets_nothing_and_a_removed_one_is_gone()
    {
        var webhook = await Add();
        var self = webhook.GetProperty("links").Text("self")!;
        using var paused = await _host.Send(HttpMethod.Patch, self, Json("""{"status":"paused"}"""));
        await Say(Event("t", TaskState.Completed));
        using var active = await _host.Send(HttpMethod.Patch, self, Json("""{"status":"active","events":["task.failed"]}"""));
        Assert.Equal(["task.failed"], (await active.Json()).GetProperty("events").EnumerateArray().Select(one => one.GetString()));
        await Say(Event("v", TaskState.Completed), Event("u", TaskState.Failed));
        Assert.Equal("evt_u_1", (await _receiver.Got(1))[0].Id);
        using var removed = await _host.Send(HttpMethod.Delete, self, null);
        Assert.Equal(204, (int)removed.StatusCode);
        using var gone = await _host.Get(self);
        await gone.Problem(404, "NOT_FOUND");
        using var all = await _host.Get("/v1/webhooks");
        Assert.Empty((await all.Json()).GetProperty("webhooks").EnumerateArray());
    }

    [Fact]
    public async Task A_test_event_goes_the_way_of_every_other_one()
    {
        var webhook = await Add();
        using var test = await _host.Post(webhook.GetProperty("links").Text("test")!, "");
        var delivery = await test.Json();
        Assert.Equal((202, "pending"), ((int)test.StatusCode, delivery.Text("status")));
        var hook = (await _receiver.Got(1))[0];
        Assert.Equal((delivery.Text("event_id"), "a2a.webhook.test.v1"), (hook.Id, hook.Event.Text("type")));
    }

    [Fact]
    public async Task Redirects_are_failures_and_are_not_followed()
    {
        _receiver.Answer = (http, _) =>
        {
            http.Response.Redirect("/latest/meta-data/");
            return Task.CompletedTask;
        };
        var webhook = await Add();
        await Say(Event("t", TaskState.Completed));
        var failed = await Eventually.Seen(async _ => await Deliveries(webhook, "?status=failed"), all => all.Count == 1, "it was given up");
        Assert.Equal((302, "answered 302: redirects are not followed"), (failed[0].Whole("last_status"), failed[0].Text("last_error")));
        Assert.Equal(0, _receiver.Elsewhere);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_holds_its_own_places_and_nobody_elses()
    {
        await using var slow = await Receiver.Start();
        slow.Answer = (http, _) => new TaskCompletionSource().Task.WaitAsync(http.RequestAborted);
        await Add(slow.Url);
        var quick = await Add();

        await Say([.. Enumerable.Range(0, 40).Select(i => Event($"t{i:d2}", TaskState.Completed))]);

        await _receiver.Got(40);
        await Eventually.Seen(async _ => await Deliveries(quick, "?status=delivered&limit=200"), all => all.Count == 40, "all are delivered");
        await Eventually.True(() => slow.Hooks.Count == 8, "the slow one has as many in hand as it may", () => $"{slow.Hooks.Count}");
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_a_failure()
    {
        await _host.DisposeAsync();
        _host = await Start(("A2A:Webhooks:Timeout", "00:00:00.200"));
        _receiver.Answer = (http, _) => new TaskCompletionSource().Task.WaitAsync(http.RequestAborted);
        var webhook = await Add();
        await Say(Event("t", TaskState.Completed));
        var failed = await Eventually.Seen(async _ => await Deliveries(webhook, "?status=failed"), all => all.Count == 1, "it was given up");
        Assert.Equal("no answer within 0.2 s", failed[0].Text("last_error"));
    }

    [Theory]
    [InlineData("""{}""", "#/url")]
    [InlineData("""{"url":"https://169.254.169.254/"}""", "#/url")]
    [InlineData("""{"url":"https://hooks.example.com/","events":["task.exploded"]}""", "#/events/0")]
    [InlineData("""{"url":"https://hooks.example.com/","events":"task.*"}""", "#/events")]
    [InlineData("""{"url":"https://hooks.example.com/","task_types":["a b"]}""", "#/task_types/0")]
    [InlineData("""{"url":"https://hooks.example.com/","requesters":[7]}""", "#/requesters/0")]
    [InlineData("""{"url":"https://hooks.example.com/","secret":"weak"}""", "#/secret")]
    [InlineData("""{"url":"https://hooks.example.com/","event":[]}""", "#/event")]
    public async Task What_is_wrong_is_named(string body, string pointer)
    {
        await _host.DisposeAsync();
        _host = await GatewayHost.Start(("Logging:LogLevel:Default", "None"));
        using var reply = await _host.Post("/v1/webhooks", body);
        Assert.Equal([pointer], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Theory]
    [InlineData("GET", "/v1/webhooks/wh_x")]
    [InlineData("DELETE", "/v1/webhooks/wh_x")]
    [InlineData("POST", "/v1/webhooks/wh_x/test")]
    [InlineData("POST", "/v1/webhooks/wh_x/rotate-secret")]
    [InlineData("POST", "/v1/webhooks/wh_x/replay")]
    [InlineData("GET", "/v1/webhooks/wh_x/deliveries")]
    [InlineData("GET", "/v1/webhooks/a%20b")]
    [InlineData("POST", "/v1/webhooks/wh_x/deliveries/dlv_x/replay")]
    public async Task A_webhook_that_is_not_there_is_a_problem(string method, string path)
    {
        using var reply = await _host.Send(new HttpMethod(method), path, null);
        await reply.Problem(404, "NOT_FOUND");
    }

    [Fact]
    public async Task There_are_only_as_many_as_there_may_be()
    {
        await _host.DisposeAsync();
        _host = await Start(("A2A:Webhooks:Max", "1"));
        await Add();
        using var second = await _host.Post("/v1/webhooks", $$"""{"url":"{{_receiver.Url}}"}""");
        await second.Problem(409, "CONFLICT");
    }

    private static Func<Microsoft.AspNetCore.Http.HttpContext, int, Task> Status(int status) => (http, _) =>
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private static Task<GatewayHost> Start(params (string Key, string Value)[] settings) => GatewayHost.Start(
    [
        ("A2A:Webhooks:AllowPrivate", "true"), ("A2A:Webhooks:RetryDelays:0", "00:00:00.010"), ("A2A:Webhooks:RetryDelays:1", "00:00:00.020"),
        ("A2A:Webhooks:PollInterval", "00:00:00.050"), ("Logging:LogLevel:Default", "None"), .. settings,
    ]);

    private async Task<JsonElement> Add(string? url = null)
    {
        using var made = await _host.Post("/v1/webhooks", $$"""{"url":"{{url ?? _receiver.Url}}"}""");
        Assert.Equal(201, (int)made.StatusCode);
        return await made.Json();
    }

    // As StateSync does.
    private async Task Say(params TaskEvent[] events)
    {
        var endpoint = await _host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("exchange:task.events.default"));
        foreach (var said in events) { await endpoint.Send(said); }
    }

    private async Task<List<JsonElement>> Deliveries(JsonElement webhook, string query = "")
    {
        using var reply = await _host.Get(webhook.GetProperty("links").Text("deliveries")! + query);
        return [.. (await reply.Json()).GetProperty("deliveries").EnumerateArray()];
    }

    private async Task<JsonElement> Delivered(JsonElement webhook) =>
        (await Eventually.Seen(async _ => await Deliveries(webhook, "?status=delivered"), all => all.Count == 1, "it is delivered"))[0];
}

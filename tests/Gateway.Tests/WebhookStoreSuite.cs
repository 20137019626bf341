using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Webhooks;
using static A2A.Micro.Gateway.Tests.WebhookRulesTests;

namespace A2A.Micro.Gateway.Tests;

/// <summary>What every record of webhooks does, wherever it is kept.</summary>
public abstract class WebhookStoreSuite
{
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromDays(5);
    private static readonly Dictionary<string, int> Idle = [];

    protected abstract IWebhookStore Store { get; }

    [Fact]
    public async Task A_webhook_is_kept_changed_once_per_revision_and_forgotten_with_its_deliveries()
    {
        var webhook = Webhook() with { Events = ["task.*"], TaskTypes = ["data.*"], Requesters = ["me"], Description = "for billing" };
        Assert.True(await Store.Add(webhook, 10, default));
        Assert.Equivalent(webhook, await Store.Find("wh", default), strict: true);
        Assert.True(await Store.Replace(webhook with { Url = "https://other.example/", Revision = 2 }, default));
        Assert.False(await Store.Replace(webhook with { Url = "https://lost.example/", Revision = 2 }, default));
        Assert.Equal("https://other.example/", (await Store.List("default", default)).Single().Url);
        Assert.Equal(1, await Store.Record([Event("t", TaskState.Completed)], default));
        Assert.True(await Store.Remove("wh", default));
        Assert.False(await Store.Remove("wh", default));
        Assert.Empty(await Store.Deliveries(new DeliveryFilter { WebhookId = "wh" }, default));
        Assert.False(await Store.Enqueue(WebhookRules.Delivery("wh", "e", "a", null, "{}", DateTimeOffset.UnixEpoch), default));
    }

    [Fact]
    public async Task There_are_never_more_webhooks_than_there_may_be()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Store.Add(Webhook($"wh{i}"), 3, default)));
        Assert.Equal((3, 3), (added.Count(yes => yes), (await Store.List("default", default)).Count));
    }

    [Fact]
    public async Task Each_tenant_has_its_own_hears_its_own_events_and_does_not_use_up_the_room_of_another()
    {
        Assert.True(await Store.Add(Webhook("red@wh"), 1, default));
        Assert.True(await Store.Add(Webhook("wh"), 1, default));
        Assert.False(await Store.Add(Webhook("wh2"), 1, default));
        Assert.Equal("wh", Assert.Single(await Store.List("default", default)).WebhookId);
        var events = ((string[])["red@t", "t", "blue@t"]).Select(task => Event(task, TaskState.Completed)).ToList();
        Assert.Equal(2, await Store.Record(events, default));
        var due = (await Store.TakeDue(Idle, 5, Claim, default)).ToDictionary(one => one.Webhook.WebhookId, one => one.Delivery, StringComparer.Ordinal);
        Assert.Equal("t", due["wh"].TaskId);
        Assert.Equal("red@t", due["red@wh"].TaskId);
        Assert.DoesNotContain("\"red@", due["red@wh"].Body, StringComparison.Ordinal);
        Assert.Contains("\"subject\":\"t\"", due["red@wh"].Body, StringComparison.Ordinal);
        Assert.True(await Store.IsAnyActive(default));
    }

    [Fact]
    public async Task An_event_that_comes_again_is_one_delivery_for_each_that_wants_it()
    {
        await Store.Add(Webhook("all"), 10, default);
        await Store.Add(Webhook("ends") with { Events = ["task.completed"] }, 10, default);
        await Store.Add(Webhook("off") with { State = WebhookState.Paused }, 10, default);
        Assert.Equal(3, await Store.Record([Event("t", TaskState.Running), Event("t", TaskState.Completed, version: 2)], default));
        Assert.Equal(0, await Store.Record([Event("t", TaskState.Running), Event("t", TaskState.Completed, version: 2)], default));
        Assert.Equal(2, (await Store.Deliveries(new DeliveryFilter { WebhookId = "all" }, default)).Count);
        var end = Assert.Single(await Store.Deliveries(new DeliveryFilter { WebhookId = "ends" }, default));
        Assert.Equal(("a2a.task.completed.v1", "t", "", DeliveryState.Pending), (end.EventType, end.TaskId, end.Body, end.State));
    }

    [Fact]
    public async Task What_is_due_is_taken_by_one_alone_and_by_another_once_the_claim_is_over()
    {
        await Store.Add(Webhook(), 10, default);
        await Store.Record([.. Enumerable.Range(0, 20).Select(i => Event($"t{i}", TaskState.Completed))], default);
        // Whoever takes these dies at once: the claims are over as soon as they are made.
        Assert.Equal(20, (await Store.TakeDue(Idle, 20, TimeSpan.FromMinutes(-1), default)).Count);
        var taken = new List<string>();
        while (taken.Count < 20)
        {
            var takers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Store.TakeDue(Idle, 3, Claim, default)));
            taken.AddRange(takers.SelectMany(one => one).Select(one => one.Delivery.DeliveryId));
            Assert.NotEmpty(takers.SelectMany(one => one));
        }

        Assert.Equal(20, taken.Distinct().Count());
        Assert.Empty(await Store.TakeDue(Idle, 20, Claim, default));
    }

    [Fact]
    public async Task A_webhook_that_is_busy_takes_no_more_than_its_places_and_the_others_theirs()
    {
        await Store.Add(Webhook("slow"), 10, default);
        await Store.Add(Webhook("quick"), 10, default);
        await Store.Record([.. Enumerable.Range(0, 9).Select(i => Event($"t{i}", TaskState.Completed))], default);
        var due = await Store.TakeDue(new Dictionary<string, int> { ["slow"] = 3 }, 4, Claim, default);
        Assert.Equal((1, 4), (due.Count(one => one.Webhook.WebhookId == "slow"), due.Count(one => one.Webhook.WebhookId == "quick")));
        Assert.All(due, one => Assert.Contains("\"specversion\":\"1.0\"", one.Delivery.Body, StringComparison.Ordinal));
        Assert.Empty(await Store.TakeDue(new Dictionary<string, int> { ["slow"] = 4, ["quick"] = 9 }, 4, Claim, default));
    }

    [Fact]
    public async Task Every_attempt_is_in_the_log_and_what_got_through_is_never_undone()
    {
        await Store.Add(Webhook(), 10, default);
        await Store.Record([Event("t", TaskState.Completed)], default);
        var delivery = (await Store.TakeDue(Idle, 5, Claim, default)).Single().Delivery;
        await Settle(delivery, Bad(500));
        await Settle(delivery, Good);
        await Settle(delivery, Bad(null));
        var (now, attempts) = (await Store.FindDelivery(delivery.DeliveryId, default))!.Value;
        Assert.Equal((DeliveryState.Delivered, 3, (DateTimeOffset?)null, 204), (now.State, now.Attempts, now.NextAt, now.LastStatus));
        Assert.Equal([(1, 500), (2, 204), (3, (int?)null)], attempts.Select(one => (one.Number, one.Status)));
        Assert.Null(await Store.FindDelivery("dlv_nothing", default));
        Assert.Empty(await Store.TakeDue(Idle, 5, Claim, default));
    }

    [Fact]
    public async Task A_webhook_that_says_that_it_is_gone_is_sent_nothing_more_and_what_waits_stays()
    {
        await Store.Add(Webhook(), 10, default);
        await Store.Record([Event("a", TaskState.Completed), Event("b", TaskState.Completed)], default);
        var delivery = (await Store.TakeDue(Idle, 1, TimeSpan.Zero, default)).Single().Delivery;
        var after = await Settle(delivery, Bad(410));
        Assert.Equal(WebhookState.Disabled, after!.State);
        Assert.Equal(WebhookState.Disabled, (await Store.Find("wh", default))!.State);
        Assert.Empty(await Store.TakeDue(Idle, 5, Claim, default));
        Assert.Equal(0, await Store.Record([Event("c", TaskState.Completed)], default));
        Assert.True(await Store.Replace(after with { State = WebhookState.Active, Revision = after.Revision + 1 }, default));
        Assert.Single(await Store.TakeDue(Idle, 5, Claim, default));
    }

    [Fact]
    public async Task A_replay_begins_the_schedule_again()
    {
        await Store.Add(Webhook(), 10, default);
        await Store.Record([Event("a", TaskState.Completed), Event("b", TaskState.Completed)], default);
        foreach (var (_, delivery) in await Store.TakeDue(Idle, 5, Claim, default)) { await Settle(delivery, Good); }
        var delivered = await Store.Deliveries(new DeliveryFilter { WebhookId = "wh", State = DeliveryState.Delivered }, default);
        var ids = delivered.Select(one => one.DeliveryId).ToList();
        Assert.Equal(0, await Store.Replay("other", ids, default));
        Assert.Equal(2, await Store.Replay("wh", ids, default));
        Assert.All(await Store.TakeDue(Idle, 5, Claim, default), one => Assert.Equal((0, 1), (one.Delivery.Tries, one.Delivery.Attempts)));
    }

    [Fact]
    public async Task Deliveries_are_filtered_and_paged_the_latest_first()
    {
        await Store.Add(Webhook(), 10, default);
        for (var i = 0; i < 5; i++)
        {
            var at = DateTimeOffset.UnixEpoch.AddSeconds(i / 2);
            await Store.Enqueue(WebhookRules.Delivery("wh", $"e{i}", "a", $"t{i}", "{}", at) with { DeliveryId = $"d{i}" }, default);
        }

        Assert.Equal(["d4", "d2", "d3", "d0", "d1"], await Listed(new DeliveryFilter { WebhookId = "wh" }));
        Assert.Equal(["d3", "d0", "d1"], await Listed(new DeliveryFilter { WebhookId = "wh", After = (DateTimeOffset.UnixEpoch.AddSeconds(1), "d2") }));
        Assert.Equal(["d4"], await Listed(new DeliveryFilter { WebhookId = "wh", TaskId = "t4" }));
        Assert.Equal(["d4", "d2"], await Listed(new DeliveryFilter { WebhookId = "wh", Since = DateTimeOffset.UnixEpoch.AddSeconds(1), Limit = 2 }));
        Assert.Empty(await Listed(new DeliveryFilter { WebhookId = "wh", State = DeliveryState.Failed }));
    }

    [Fact]
    public async Task The_backlog_counts_what_is_to_come_and_an_overfull_webhook_is_disabled()
    {
        Assert.Equal((0, (DateTimeOffset?)null), await Store.Backlog(default));
        await Store.Add(Webhook(), 10, default);
        await Store.Record([Event("a", TaskState.Completed), Event("b", TaskState.Completed)], default);
        var (pending, oldest) = await Store.Backlog(default);
        Assert.Equal((2, true), (pending, oldest is not null));
        Assert.Equal(0, await Store.DisableOverfull(2, default));
        Assert.Equal(1, await Store.DisableOverfull(1, default));
        Assert.Equal("More than 1 deliveries wait for it.", (await Store.Find("wh", default))!.Reason);
    }

    [Fact]
    public async Task What_must_not_be_done_while_a_webhook_is_active_is_not_done()
    {
        var done = 0;
        Assert.True(await Store.WhileNoneIsActive(_ => Task.FromResult(++done), default));
        await Store.Add(Webhook() with { State = WebhookState.Paused }, 10, default);
        var adding = Task.CompletedTask;
        Assert.True(await Store.WhileNoneIsActive(_ =>
        {
            // Begun while it is done, it waits until it is done.
            adding = Store.Add(Webhook("late"), 10, default);
            Assert.False(adding.IsCompleted);
            return Task.FromResult(++done);
        }, default));
        await adding;
        Assert.False(await Store.WhileNoneIsActive(_ => Task.FromResult(++done), default));
        Assert.Equal(2, done);
    }

    [Fact]
    public async Task The_log_forgets_only_what_is_over()
    {
        await Store.Add(Webhook(), 10, default);
        await Store.Record([Event("a", TaskState.Completed), Event("b", TaskState.Completed)], default);
        await Settle((await Store.TakeDue(Idle, 1, Claim, default)).Single().Delivery, Good);
        Assert.Equal(0, await Store.Purge(TimeSpan.FromDays(1), 10, default));
        Assert.Equal(1, await Store.Purge(TimeSpan.FromDays(-1), 10, default));
        Assert.Single(await Store.Deliveries(new DeliveryFilter { WebhookId = "wh" }, default));
    }

    private async Task<IEnumerable<string>> Listed(DeliveryFilter filter) => (await Store.Deliveries(filter, default)).Select(one => one.DeliveryId);

    private Task<WebhookRow?> Settle(DeliveryRow delivery, Outcome outcome) =>
        Store.Settle(WebhookRules.After(delivery, outcome, [], 0, DateTimeOffset.UnixEpoch.AddYears(100)), outcome, Patience, default);
}

public sealed class InMemoryWebhookStoreTests : WebhookStoreSuite, IDisposable
{
    private readonly InMemoryWebhookStore _store = new(TimeProvider.System);

    protected override IWebhookStore Store => _store;

    public void Dispose() => _store.Dispose();
}

using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>Addresses that events are sent to: made, read, changed, tried out, removed.</summary>
public static class WebhookEndpoints
{
    private const int ChangeTries = 5;
    private static readonly string[] Names = ["webhookId", "deliveryId"];

    /// <summary>Adds the routes.</summary>
    public static void MapWebhooks(this IEndpointRouteBuilder v1)
    {
        var webhooks = v1.MapGroup("/webhooks").WithTags("Webhooks");
        _ = webhooks.AddEndpointFilter(KnowNames);
        _ = webhooks.MapPost("/", Add).WithName("addWebhook").WithSummary("Have events sent to an address")
            .WithDescription("Signed by Standard Webhooks 1.0, as CloudEvents. The secret is in this answer and in no later one.")
            .Accepts<WebhookRequest>("application/json")
            .Produces<WebhookView>(StatusCodes.Status201Created).ProducesErrors(400, 409, 413, 415, 429, 503);
        _ = webhooks.MapGet("/", List).WithName("listWebhooks").WithSummary("The webhooks of the tenant, the oldest first")
            .Produces<WebhookListView>().ProducesErrors(429, 503);
        _ = webhooks.MapGet("/{webhookId}", Get).WithName("getWebhook").WithSummary("A webhook")
            .Produces<WebhookView>().ProducesErrors(404, 429, 503);
        _ = webhooks.MapPatch("/{webhookId}", Change).WithName("changeWebhook").WithSummary("Change a webhook, pause it, bring it back")
            .WithDescription("What is absent stays. status active brings back one that was disabled, and what waits for it is sent.")
            .Accepts<WebhookRequest>("application/merge-patch+json", "application/json")
            .Produces<WebhookView>().ProducesErrors(400, 404, 409, 413, 415, 429, 503);
        _ = webhooks.MapDelete("/{webhookId}", Remove).WithName("removeWebhook").WithSummary("Forget a webhook and its deliveries")
            .Produces(StatusCodes.Status204NoContent).ProducesErrors(404, 429, 503);
        _ = webhooks.MapPost("/{webhookId}/rotate-secret", Rotate).WithName("rotateWebhookSecret").WithSummary("Sign with another secret")
            .WithDescription("Until previous_secret_until deliveries carry both signatures, so that receivers can change over in their own time.")
            .Accepts<RotateRequest>(isOptional: true, "application/json", "*/*")
            .Produces<WebhookView>().ProducesErrors(400, 404, 409, 413, 415, 429, 503);
        _ = webhooks.MapPost("/{webhookId}/test", Test).WithName("testWebhook").WithSummary("Send an event of type a2a.webhook.test.v1")
            .WithDescription("Like any other delivery; a webhook that is not active gets it once it is.")
            .Produces<DeliveryView>(StatusCodes.Status202Accepted).ProducesErrors(404, 429, 503);
        webhooks.MapDeliveries();
    }

    /// <summary>The answer for a webhook that nobody knows.</summary>
    internal static IResult NoSuchWebhook(string webhookId) => Problems.Of(ErrorKind.NotFound, $"There is no webhook {Problems.Quote(webhookId)}.");

    // What is no name of anything is asked of no store: a database refuses some texts.
    private static ValueTask<object?> KnowNames(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var names = context.HttpContext.Request.RouteValues;
        return Names.Any(name => names.TryGetValue(name, out var value) && !TaskRules.IsTaskId(value?.ToString()))
            ? ValueTask.FromResult<object?>(Problems.Of(ErrorKind.NotFound, "There is no webhook or delivery of this name."))
            : next(context);
    }

    private static async Task<IResult> Add(
        IWebhookStore store, BindingDuty binding, IOptions<WebhookOptions> options, IOptions<GatewayOptions> gateway, TimeProvider clock, HttpContext http)
    {
        var body = (await RequestBody.Read(http.Request, gateway.Value, optional: false, http.RequestAborted).ConfigureAwait(false))!.Value;
        var (now, errors) = (clock.GetUtcNow(), new List<FieldError>());
        if (WebhookReader.New(body, options.Value, now, errors) is not { } asked) { return Problems.Of(errors); }
        var webhook = asked with { WebhookId = Tenancy.In(asked.WebhookId) };
        if (!await store.Add(webhook, options.Value.Max, http.RequestAborted).ConfigureAwait(false))
        {
            return Problems.Of(ErrorKind.Conflict, $"There are {options.Value.Max} webhooks, as many as there may be of one tenant; remove one.");
        }

        await binding.Activate(CancellationToken.None).ConfigureAwait(false);
        return TypedResults.Created("/v1/webhooks/" + asked.WebhookId, WebhookView.Of(webhook, now, withSecret: true));
    }

    private static async Task<IResult> List(IWebhookStore store, TimeProvider clock, HttpContext http)
    {
        var webhooks = await store.List(Caller.Current.Tenant, http.RequestAborted).ConfigureAwait(false);
        return TypedResults.Ok(new WebhookListView { Webhooks = [.. webhooks.Select(one => WebhookView.Of(one, clock.GetUtcNow()))] });
    }

    private static async Task<IResult> Get(string webhookId, IWebhookStore store, TimeProvider clock, HttpContext http) =>
        await store.Find(Tenancy.In(webhookId), http.RequestAborted).ConfigureAwait(false) is { } webhook
            ? TypedResults.Ok(WebhookView.Of(webhook, clock.GetUtcNow()))
            : NoSuchWebhook(webhookId);

    private static async Task<IResult> Change(
        string webhookId, IWebhookStore store, BindingDuty binding, IOptions<WebhookOptions> options, IOptions<GatewayOptions> gateway,
        TimeProvider clock, HttpContext http)
    {
        var body = (await RequestBody.Read(http.Request, gateway.Value, optional: false, http.RequestAborted).ConfigureAwait(false))!.Value;
        return await Update(webhookId, (before, errors) => WebhookReader.Changed(before, body, options.Value, clock.GetUtcNow(), errors), async after =>
        {
            if (after.State == WebhookState.Active) { await binding.Activate(CancellationToken.None).ConfigureAwait(false); }
            return TypedResults.Ok(WebhookView.Of(after, clock.GetUtcNow()));
        }, store, http).ConfigureAwait(false);
    }

    private static async Task<IResult> Rotate(
        string webhookId, IWebhookStore store, IOptions<WebhookOptions> options, IOptions<GatewayOptions> gateway, TimeProvider clock, HttpContext http)
    {
        var body = await RequestBody.Read(http.Request, gateway.Value, optional: true, http.RequestAborted).ConfigureAwait(false);
        return await Update(webhookId, (before, errors) => WebhookReader.Rotated(before, body, options.Value, clock.GetUtcNow(), errors),
            after => Task.FromResult<IResult>(TypedResults.Ok(WebhookView.Of(after, clock.GetUtcNow(), withSecret: true))), store, http)
            .ConfigureAwait(false);
    }

    // Two that change the same webhook at once both get their way, one after the other.
    private static async Task<IResult> Update(
        string webhookId, Func<WebhookRow, List<FieldError>, WebhookRow> change, Func<WebhookRow, Task<IResult>> answer, IWebhookStore store,
        HttpContext http)
    {
        for (var i = 0; i < ChangeTries; i++)
        {
            if (await store.Find(Tenancy.In(webhookId), http.RequestAborted).ConfigureAwait(false) is not { } before) { return NoSuchWebhook(webhookId); }
            var errors = new List<FieldError>();
            var after = change(before, errors);
            if (errors.Count > 0) { return Problems.Of(errors); }
            if (await store.Replace(after, http.RequestAborted).ConfigureAwait(false)) { return await answer(after).ConfigureAwait(false); }
        }

        return Problems.Of(ErrorKind.Conflict, "The webhook changes too fast; try again.");
    }

    private static async Task<IResult> Remove(string webhookId, IWebhookStore store, HttpContext http) =>
        await store.Remove(Tenancy.In(webhookId), http.RequestAborted).ConfigureAwait(false) ? TypedResults.NoContent() : NoSuchWebhook(webhookId);

    private static async Task<IResult> Test(string webhookId, IWebhookStore store, WebhookBell bell, TimeProvider clock, HttpContext http)
    {
        var now = clock.GetUtcNow();
        var (id, type) = ($"evt_{Guid.CreateVersion7(now):n}", TaskEventName.ToType(TaskEventName.Test));
        var body = JsonSerializer.Serialize(new
        {
            Specversion = "1.0",
            Id = id,
            Source = "/a2a",
            Type = type,
            Subject = webhookId,
            Time = now,
            Datacontenttype = "application/json",
            Data = new { WebhookId = webhookId },
        }, WireJson.Options);
        var delivery = WebhookRules.Delivery(Tenancy.In(webhookId), id, type, null, body, now);
        if (!await store.Enqueue(delivery, http.RequestAborted).ConfigureAwait(false)) { return NoSuchWebhook(webhookId); }
        bell.Ring();
        var view = DeliveryView.Of(delivery);
        return TypedResults.Accepted(view.Links.Self, view);
    }
}

using System.Buffers.Text;
using System.Globalization;
using System.Text;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Webhooks;

/// <summary>The log of a webhook: what was sent, how it went, and sending it again.</summary>
internal static class DeliveryEndpoints
{
    private const int ReplayMax = 1000;
    private const int LimitMax = 200;
    private const int CursorLengthMax = 256;

    /// <summary>Adds the routes.</summary>
    public static void MapDeliveries(this RouteGroupBuilder webhooks)
    {
        _ = webhooks.MapGet("/{webhookId}/deliveries", List).WithName("listDeliveries").WithSummary("What was and is to be sent, the latest first")
            .Produces<DeliveryPageView>().ProducesErrors(400, 404, 429, 503);
        _ = webhooks.MapGet("/{webhookId}/deliveries/{deliveryId}", Get).WithName("getDelivery").WithSummary("A delivery with its event and every attempt")
            .Produces<DeliveryView>().ProducesErrors(404, 429, 503);
        _ = webhooks.MapPost("/{webhookId}/deliveries/{deliveryId}/replay", Replay).WithName("replayDelivery").WithSummary("Send a delivery again, now")
            .WithDescription("Under the same webhook-id, and from the beginning of the schedule.")
            .Produces<DeliveryView>(StatusCodes.Status202Accepted).ProducesErrors(404, 429, 503);
        _ = webhooks.MapPost("/{webhookId}/replay", ReplayMany).WithName("replayDeliveries").WithSummary("Send many deliveries again, the latest first")
            .WithDescription("Those that failed, or that match; at most 1000 at once.")
            .Accepts<ReplayRequest>(isOptional: true, "application/json", "*/*")
            .Produces<ReplayView>(StatusCodes.Status202Accepted).ProducesErrors(400, 404, 413, 415, 429, 503);
    }

    private static async Task<IResult> List(
        string webhookId, string? status, [FromQuery(Name = "task_id")] string? taskId, string? limit, string? cursor, IWebhookStore store, HttpContext http)
    {
        var errors = new List<FieldError>();
        var filter = new DeliveryFilter
        {
            WebhookId = Tenancy.In(webhookId),
            State = State(status, errors),
            TaskId = taskId is null || TaskRules.IsTaskId(taskId) ? Tenancy.InOrNull(taskId) : Wrong<string>("task_id", "a task id", errors),
            Limit = Tasks.ListQuery.Limit(limit, LimitMax, 50, errors),
            After = After(cursor, errors),
        };
        if (errors.Count > 0) { return Problems.Of(errors); }
        if (await store.Find(Tenancy.In(webhookId), http.RequestAborted).ConfigureAwait(false) is null) { return WebhookEndpoints.NoSuchWebhook(webhookId); }
        var found = await store.Deliveries(filter with { Limit = filter.Limit + 1 }, http.RequestAborted).ConfigureAwait(false);
        var page = found.Take(filter.Limit).ToList();
        var next = found.Count > filter.Limit ? Print(page[^1]) : null;
        Paged.LinkNext(http, next);
        return TypedResults.Ok(new DeliveryPageView { Deliveries = [.. page.Select(DeliveryView.Of)], NextCursor = next });
    }

    private static async Task<IResult> Get(string webhookId, string deliveryId, IWebhookStore store, HttpContext http) =>
        await store.FindDelivery(deliveryId, http.RequestAborted).ConfigureAwait(false) is { } found && found.Delivery.WebhookId == Tenancy.In(webhookId)
            ? TypedResults.Ok(DeliveryView.Of(found.Delivery, found.Attempts))
            : NoSuchDelivery(deliveryId);

    private static async Task<IResult> Replay(string webhookId, string deliveryId, IWebhookStore store, WebhookBell bell, HttpContext http)
    {
        if (await store.Replay(Tenancy.In(webhookId), [deliveryId], http.RequestAborted).ConfigureAwait(false) == 0
            || await store.FindDelivery(deliveryId, http.RequestAborted).ConfigureAwait(false) is not { } found)
        {
            return NoSuchDelivery(deliveryId);
        }

        bell.Ring();
        var view = DeliveryView.Of(found.Delivery);
        return TypedResults.Accepted(view.Links.Self, view);
    }

    private static async Task<IResult> ReplayMany(
        string webhookId, IWebhookStore store, WebhookBell bell, IOptions<GatewayOptions> gateway, HttpContext http)
    {
        var body = await RequestBody.Read(http.Request, gateway.Value, optional: true, http.RequestAborted).ConfigureAwait(false);
        var errors = new List<FieldError>();
        var asked = WebhookReader.Replay(Tenancy.In(webhookId), body, ReplayMax, errors);
        var filter = asked with { TaskId = Tenancy.InOrNull(asked.TaskId) };
        if (errors.Count > 0) { return Problems.Of(errors); }
        if (await store.Find(Tenancy.In(webhookId), http.RequestAborted).ConfigureAwait(false) is null) { return WebhookEndpoints.NoSuchWebhook(webhookId); }
        var found = await store.Deliveries(filter with { Limit = filter.Limit + 1 }, http.RequestAborted).ConfigureAwait(false);
        var chosen = found.Take(filter.Limit).Select(one => one.DeliveryId).ToList();
        var matched = await store.Replay(filter.WebhookId, chosen, http.RequestAborted).ConfigureAwait(false);
        bell.Ring();
        return TypedResults.Accepted($"/v1/webhooks/{webhookId}/deliveries", new ReplayView { Matched = matched, More = found.Count > filter.Limit });
    }

    private static DeliveryState? State(string? word, List<FieldError> errors)
    {
        if (word is null) { return null; }
        if (WireWord.TryParse<DeliveryState>(word, out var state)) { return state; }
        _ = Wrong<string>("status", "one of " + string.Join(", ", WireWord.All<DeliveryState>()), errors);
        return null;
    }

    private static string Print(DeliveryRow row) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"1 {row.CreatedAt.UtcTicks} {row.DeliveryId}")));

    private static (DateTimeOffset, string)? After(string? text, List<FieldError> errors)
    {
        if (text is null) { return null; }
        if (text.Length <= CursorLengthMax && Base64Url.IsValid(text))
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ');
            if (parts is ["1", var at, var id] && TaskRules.IsTaskId(id)
                && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks)
            {
                return (new DateTimeOffset(ticks, TimeSpan.Zero), id);
            }
        }

        _ = Wrong<string>("cursor", "pass next_cursor of the page before, unchanged", errors);
        return null;
    }

    private static T? Wrong<T>(string name, string detail, List<FieldError> errors) where T : class
    {
        errors.Add(new FieldError("#/query/" + name, detail, ErrorKind.Validation.Code));
        return null;
    }

    private static IResult NoSuchDelivery(string deliveryId) =>
        Problems.Of(ErrorKind.NotFound, $"There is no delivery {Problems.Quote(deliveryId)} of this webhook.");
}

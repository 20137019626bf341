using System.Globalization;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Security.Audit;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.Access;

/// <summary>Reading the audit.</summary>
public static class AuditEndpoints
{
    private const int LimitMax = 200;

    /// <summary>Adds <c>GET /v1/audit</c>.</summary>
    public static void MapAudit(this IEndpointRouteBuilder v1) =>
        v1.MapGet("/audit", List).WithTags("Audit").WithName("listAudit").WithSummary("Who did what, and what was refused, in order")
            .WithDescription("Of the caller's tenant, after the number in after. Numbers are those of the whole installation; a2a audit verify checks that "
                + "nothing was changed, put in or taken away.")
            .Produces<AuditPageView>().ProducesErrors(400, 401, 403, 503);

    private static async Task<IResult> List(string? after, string? limit, IAuditStore audit, HttpContext http)
    {
        var errors = new List<FieldError>();
        var most = Tasks.ListQuery.Limit(limit, LimitMax, 50, errors);
        long from = 0;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out from))
        {
            errors.Add(new FieldError("#/query/after", "the number of a row, 0 or more", ErrorKind.Validation.Code));
        }

        if (errors.Count > 0) { return Problems.Of(errors); }
        var rows = await audit.Read(Caller.Current.Tenant, from, most, http.RequestAborted).ConfigureAwait(false);
        return TypedResults.Ok(new AuditPageView
        {
            Rows = [.. rows.Select(AuditRowView.Of)],
            NextAfter = rows.Count == most ? rows[^1].Seq : null,
        });
    }
}

/// <summary>One page of the audit.</summary>
public sealed record AuditPageView
{
    /// <summary>In order.</summary>
    public required IReadOnlyList<AuditRowView> Rows { get; init; }

    /// <summary>Pass it as <c>after</c> for more; absent at the end.</summary>
    public long? NextAfter { get; init; }
}

/// <summary>Something that was done or refused.</summary>
public sealed record AuditRowView
{
    /// <summary>Its number.</summary>
    public required long Seq { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who, with the id of the key that was shown.</summary>
    public required string Actor { get; init; }

    /// <summary>What: the operation of the OpenAPI document.</summary>
    public required string Action { get; init; }

    /// <summary>To what.</summary>
    public string? Object { get; init; }

    /// <summary><c>done</c> or <c>refused</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it was refused.</summary>
    public string? Reason { get; init; }

    /// <summary>From which address.</summary>
    public string? Ip { get; init; }

    /// <summary>W3C trace id.</summary>
    public string? TraceId { get; init; }

    /// <summary>The row's hash in the chain, hex.</summary>
    public required string Hash { get; init; }

    internal static AuditRowView Of(AuditRow row) => new()
    {
        Seq = row.Seq,
        At = row.Entry.At,
        Actor = row.Entry.Actor,
        Action = row.Entry.Action,
        Object = row.Entry.Object,
        Outcome = row.Entry.Outcome,
        Reason = row.Entry.Reason,
        Ip = row.Entry.Ip,
        TraceId = row.Entry.Trace,
        Hash = Convert.ToHexStringLower(row.Hash),
    };
}

using System.Buffers.Text;
using System.Globalization;
using System.Text;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.Workflows;

/// <summary>The list of workflows.</summary>
internal static class WorkflowList
{
    private const int LimitMax = 50;
    private const int LimitDefault = 20;
    private const int CursorLengthMax = 512;

    /// <summary>Adds <c>GET /v1/workflows</c>.</summary>
    public static void MapWorkflowList(this IEndpointRouteBuilder workflows) =>
        workflows.MapGet("/", List).WithName("listWorkflows").WithSummary("Workflows, the newest first")
            .WithDescription("Up to limit (20, at most 50). What the stages came to is in the workflow itself.")
            .Produces<WorkflowPageView>().ProducesErrors(400, 429, 503);

    private static async Task<IResult> List(string? limit, string? cursor, Submissions submissions, WorkflowDesk desk, HttpContext http)
    {
        var errors = new List<FieldError>();
        var (most, after) = (Limit(limit, errors), After(cursor, errors));
        if (errors.Count > 0) { return Problems.Of(errors); }
        var rows = await submissions.ListWorkflows(after, most + 1, http.RequestAborted).ConfigureAwait(false);
        var page = rows.Take(most).ToList();
        var next = rows.Count > most ? Print(page[^1]) : null;
        Paged.LinkNext(http, next);
        var views = await Task.WhenAll(page.Select(row => desk.View(row, http.RequestAborted))).ConfigureAwait(false);
        return TypedResults.Ok(new WorkflowPageView { Workflows = [.. views.OfType<WorkflowView>().Select(WorkflowLineView.Of)], NextCursor = next });
    }

    private static int Limit(string? text, List<FieldError> errors)
    {
        if (text is null) { return LimitDefault; }
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= LimitMax) { return limit; }
        errors.Add(new FieldError("#/query/limit", $"1 to {LimitMax}", ErrorKind.Validation.Code));
        return LimitDefault;
    }

    private static string Print(WorkflowRow row) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"1 {row.CreatedAt.UtcTicks} {row.WorkflowId}")));

    private static (DateTimeOffset, string)? After(string? text, List<FieldError> errors)
    {
        if (text is null) { return null; }
        if (text.Length <= CursorLengthMax && Base64Url.IsValid(text)
            && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ') is ["1", var at, var id] && TaskRules.IsTaskId(id)
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks)
        {
            return (new DateTimeOffset(ticks, TimeSpan.Zero), id);
        }

        errors.Add(new FieldError("#/query/cursor", "pass next_cursor of the page before, unchanged", ErrorKind.Validation.Code));
        return null;
    }
}

/// <summary>Workflows, the newest first.</summary>
public sealed record WorkflowPageView : CursorPage
{
    /// <summary>The workflows.</summary>
    public required IReadOnlyList<WorkflowLineView> Workflows { get; init; }
}

/// <summary>A workflow as the list shows it.</summary>
public sealed record WorkflowLineView
{
    /// <summary>The workflow.</summary>
    public required string WorkflowId { get; init; }

    /// <summary>What a person calls it.</summary>
    public string? Name { get; init; }

    /// <summary>How it stands.</summary>
    public required TaskState State { get; init; }

    /// <summary>0..1; every stage counts the same.</summary>
    public required double Progress { get; init; }

    /// <summary>The first stage that has not completed.</summary>
    public string? CurrentStage { get; init; }

    /// <summary>How many stages there are.</summary>
    public required int Stages { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its last stage ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Where to go on.</summary>
    public required WorkflowLinks Links { get; init; }

    /// <summary>The line of a workflow.</summary>
    public static WorkflowLineView Of(WorkflowView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new WorkflowLineView
        {
            WorkflowId = view.WorkflowId,
            Name = view.Name,
            State = view.State,
            Progress = view.Progress,
            CurrentStage = view.CurrentStage,
            Stages = view.Stages.Count,
            CreatedAt = view.CreatedAt,
            EndedAt = view.EndedAt,
            Links = view.Links,
        };
    }
}

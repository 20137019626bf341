using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Resources;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// A submission that is only judged: what would be refused is refused in the same words, and what would be accepted is told where and about
/// when it would start. Nothing is stored, reserved or remembered.
/// </summary>
public sealed class DryRun(
    SubmissionIntake intake, Submissions submissions, Explanations explanations, TimeProvider clock, IOptions<GatewayOptions> options)
{
    /// <summary>Whether the query asks for one.</summary>
    /// <exception cref="ProtocolException">MSG001: neither true nor false.</exception>
    public static bool IsAskedFor(string? text) => text?.ToUpperInvariant() switch
    {
        null or "FALSE" => false,
        "TRUE" => true,
        _ => throw new ProtocolException(ErrorKind.Validation, "dry_run is true or false.",
            new FieldError("#/query/dry_run", "true or false", ErrorKind.Validation.Code)),
    };

    /// <summary>The answer.</summary>
    public async Task<IResult> Answer(HttpContext http)
    {
        var body = (await RequestBody.Read(http.Request, options.Value, optional: false, http.RequestAborted).ConfigureAwait(false))!.Value;
        var now = SubmitEndpoint.Milliseconds(clock.GetUtcNow());
        var verdict = await intake.Read(body, "task-" + Guid.CreateVersion7(now), now, http.RequestAborted).ConfigureAwait(false);
        if (verdict.Task is not { } task) { return Problems.Of(verdict.Errors, verdict.SuggestedDeadline); }
        if (await submissions.Find(task.TaskId, http.RequestAborted).ConfigureAwait(false) is { } known
            && !known.BodyHash.AsSpan().SequenceEqual(BodyHash.Of(body)))
        {
            return SubmitEndpoint.Taken(task.TaskId);
        }

        var plan = await explanations.Plan(AllocateResources.For(task, 1, now, task.Deadline), http.RequestAborted).ConfigureAwait(false);
        if (plan.Denied is { } no)
        {
            return Problems.Of(ErrorKind.ResourceUnavailable, $"{no.Code}: {no.Sentence}");
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(TaskPlanView.Of(task, plan, now));
    }
}

using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Batches;
using A2A.Micro.Gateway.Control;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Workflows;

/// <summary>Work in stages, one after the other.</summary>
public static class WorkflowEndpoints
{
    // Room for the number of each command within the bulk.
    private const int CommandIdLengthMax = 120;

    /// <summary>Adds the routes of workflows.</summary>
    public static void MapWorkflows(this IEndpointRouteBuilder v1)
    {
        var workflows = v1.MapGroup("/workflows").WithTags("Workflows");
        _ = workflows.MapPost("/", Submit).WithName("submitWorkflow").WithSummary("Hand in a pipeline")
            .WithDescription("Each stage is a task that begins when the one before has completed, with parts of its result. All are stored in one "
                + "commit. A stage that does not succeed ends the rest. With Prefer: wait=N the call holds until the last stage has ended.")
            .Accepts<SubmitWorkflowRequest>("application/json")
            .Produces<WorkflowView>(StatusCodes.Status202Accepted).Produces<WorkflowView>()
            .ProducesErrors(400, 409, 413, 415, 422, 429, 503);
        workflows.MapWorkflowList();
        _ = workflows.MapGet("/{workflowId}", Get).WithName("getWorkflow").WithSummary("A workflow now, or once it has ended")
            .Produces<WorkflowView>().ProducesErrors(400, 404, 429, 503);
        _ = workflows.MapPost("/{workflowId}/cancel", Cancel).WithName("cancelWorkflow").WithSummary("Cancel what has not ended")
            .WithDescription("A command to each stage that has not ended; GET /v1/commands/{bulk_id} shows what became of them. The same command_id "
                + "again is the same command.")
            .Accepts<CancelTaskRequest>(isOptional: true, "application/json", "*/*")
            .Produces<BulkView>(StatusCodes.Status202Accepted)
            .ProducesErrors(400, 404, 409, 413, 415, 503);
        _ = workflows.MapPost("/{workflowId}/resume", Resume).WithName("resumeWorkflow").WithSummary("Go on from the stage that ended it")
            .WithDescription("As a new workflow, whose tasks name those that they do again in replay_of; the stages before keep their results. Asking "
                + "again shows the same one (200).")
            .Produces<WorkflowView>(StatusCodes.Status202Accepted).Produces<WorkflowView>()
            .ProducesErrors(400, 404, 409, 429, 503);
    }

    private static async Task<IResult> Submit(
        string? wait,
        [FromHeader(Name = "Prefer")] string? prefer,
        [FromHeader(Name = IdempotencyKey.Header)] string? idempotencyKey,
        WorkflowDesk desk,
        TimeProvider clock,
        IOptions<GatewayOptions> options,
        HttpContext http)
    {
        _ = (prefer, idempotencyKey); // named for the document only; all lines of a header are read below
        var (seconds, key) = (Preferences.Wait(http, wait), IdempotencyKey.Read(http.Request.Headers[IdempotencyKey.Header]));
        // A stage lies two levels deep, as a task does in a batch.
        var limits = RequestBody.Limits(options.Value) with { DepthMax = WireJson.MaxDepth + 2 };
        var body = (await RequestBody.Read(http.Request, options.Value.BatchBytesMax, limits, optional: false, http.RequestAborted)
            .ConfigureAwait(false))!.Value;
        var (now, errors) = (SubmitEndpoint.Milliseconds(clock.GetUtcNow()), new List<FieldError>());
        var (id, hash) = (IdOf(body, key, now, errors), BodyHash.Of(body));
        // What was accepted once stays accepted, though a schema, history or the clock speaks against it by now.
        if (errors.Count == 0 && await desk.Find(id, http.RequestAborted).ConfigureAwait(false) is var (known, _))
        {
            return known.BodyHash.AsSpan().SequenceEqual(hash)
                ? await Answer(known, StatusCodes.Status200OK, seconds, desk, http).ConfigureAwait(false)
                : key is null || body.TryGetProperty("workflow_id", out _) ? Taken(id) : SubmitEndpoint.KeyReused();
        }

        if (await desk.Judge(body, id, hash, now, errors, http.RequestAborted).ConfigureAwait(false) is not var (row, tasks))
        {
            return Problems.Of(errors);
        }

        return await Take(row, tasks, key, seconds, desk, http).ConfigureAwait(false);
    }

    private static async Task<IResult> Take(
        WorkflowRow row, IReadOnlyList<(SubmitTask, byte[])> tasks, string? key, int? seconds, WorkflowDesk desk, HttpContext http)
    {
        var answer = await desk.Take(row, tasks, key, http.RequestAborted).ConfigureAwait(false);
        if (answer.KeyReused) { return SubmitEndpoint.KeyReused(); }
        if (answer.Withdrawn) { return Taken(row.WorkflowId); }
        var status = answer.Items[0] is Acceptance.Taken ? StatusCodes.Status202Accepted : StatusCodes.Status200OK;
        return await Answer(row, status, seconds, desk, http).ConfigureAwait(false);
    }

    private static async Task<IResult> Get(
        string workflowId, string? wait, [FromHeader(Name = "Prefer")] string? prefer, WorkflowDesk desk, HttpContext http)
    {
        _ = prefer;
        var seconds = Preferences.Wait(http, wait);
        return await desk.Find(workflowId, http.RequestAborted).ConfigureAwait(false) is var (row, _)
            ? await Answer(row, 200, seconds, desk, http).ConfigureAwait(false)
            : NoSuchWorkflow(workflowId);
    }

    private static async Task<IResult> Cancel(
        string workflowId, WorkflowDesk desk, Commands commands, TimeProvider clock, IOptions<GatewayOptions> options, HttpContext http)
    {
        var body = await RequestBody.Read(http.Request, options.Value, optional: true, http.RequestAborted).ConfigureAwait(false);
        var errors = new List<FieldError>();
        var bulkId = CommandMessages.IdOf(body, errors) ?? "bulk-" + Guid.CreateVersion7(clock.GetUtcNow());
        if (bulkId.Length > CommandIdLengthMax)
        {
            errors.Add(new FieldError("#/command_id", $"at most {CommandIdLengthMax} characters for a workflow", ErrorKind.Validation.Code));
        }

        _ = CommandMessages.Read("cancel", workflowId, bulkId, body, errors);
        if (errors.Count > 0) { return Problems.Of(errors); }
        if (await desk.Find(workflowId, http.RequestAborted).ConfigureAwait(false) is not var (row, record)) { return NoSuchWorkflow(workflowId); }
        var rows = await commands.OfBulk(bulkId, http.RequestAborted).ConfigureAwait(false);
        if (rows.Any(one => one.Command != "cancel" || record.Stages.All(stage => stage.TaskId != one.TaskId)))
        {
            return Problems.Of(ErrorKind.Conflict, $"The command_id {Problems.Quote(bulkId)} belongs to another command.");
        }

        if (rows.Count > 0) { return TypedResults.Accepted("/v1/commands/" + bulkId, BulkEndpoints.View(bulkId, rows)); }
        if (await desk.View(row, http.RequestAborted).ConfigureAwait(false) is not { } view) { return NoSuchWorkflow(workflowId); }
        var open = view.Stages.Where(stage => !stage.State.IsTerminal()).ToList();
        if (open.Count == 0) { return Problems.Of(ErrorKind.NotCancelable, $"The workflow is {view.State.Word()}.", state: view.State.Word()); }
        var receipts = await commands.Accept([.. open.Select((stage, number) =>
        {
            var id = $"{bulkId}.{number:d4}";
            return commands.New("cancel", stage.TaskId, id, CommandMessages.Read("cancel", stage.TaskId, id, body, []), bulkId);
        })], http.RequestAborted).ConfigureAwait(false);
        return TypedResults.Accepted("/v1/commands/" + bulkId, BulkEndpoints.View(bulkId, [.. receipts.Select(receipt => receipt.Row)]));
    }

    private static async Task<IResult> Resume(
        string workflowId, WorkflowDesk desk, HttpContext http)
    {
        if (await desk.Find(workflowId, http.RequestAborted).ConfigureAwait(false) is not var (row, record)
            || await desk.View(row, http.RequestAborted).ConfigureAwait(false) is not { } view)
        {
            return NoSuchWorkflow(workflowId);
        }

        if (!view.State.IsTerminal() || view.State == TaskState.Completed)
        {
            return Problems.Of(ErrorKind.Conflict,
                $"The workflow is {view.State.Word()}; only one that ended without success can be gone on with.", state: view.State.Word());
        }

        if (record.Compensations is not null)
        {
            return Problems.Of(ErrorKind.Conflict, "What its stages did is undone; hand it in again under another workflow_id.", state: view.State.Word());
        }

        var stage = record.Stages.Index().First(one => one.Item.Name == view.CurrentStage).Index;
        var (next, tasks) = await desk.Continuation(row, stage, http.RequestAborted).ConfigureAwait(false);
        return await Take(next, tasks, null, null, desk, http).ConfigureAwait(false);
    }

    private static async Task<IResult> Answer(WorkflowRow row, int status, int? seconds, WorkflowDesk desk, HttpContext http)
    {
        var view = seconds is > 0 and var wait
            ? await desk.ViewOfEnd(row, TimeSpan.FromSeconds(wait), http.RequestAborted).ConfigureAwait(false)
            : await desk.View(row, http.RequestAborted).ConfigureAwait(false);
        if (view is null) { return NoSuchWorkflow(row.WorkflowId); }
        http.Response.Headers.CacheControl = "no-cache";
        if (HttpMethods.IsPost(http.Request.Method)) { http.Response.Headers.Location = view.Links.Self; }
        if (view.EndedAt is not null) { return TypedResults.Ok(view); }
        http.Response.Headers.RetryAfter = "1";
        return TypedResults.Json(view, statusCode: status);
    }

    private static string IdOf(JsonElement body, string? key, DateTimeOffset now, List<FieldError> errors)
    {
        var chosen = body.ValueKind == JsonValueKind.Object && body.TryGetProperty("workflow_id", out var member)
            && member.ValueKind != JsonValueKind.Null
                ? member
                : (JsonElement?)null;
        if (chosen is null) { return "workflow-" + (key is null ? Guid.CreateVersion7(now) : TaskKey.FromName("workflow\n" + key)); }
        var id = chosen.Value.ValueKind == JsonValueKind.String ? chosen.Value.GetString() : null;
        if (WorkflowRules.IsWorkflowId(id)) { return id!; }
        errors.Add(new FieldError("#/workflow_id",
            $"1 to {WorkflowRules.IdLengthMax} characters from A-Z a-z 0-9 . _ : ~ -", ErrorKind.Validation.Code));
        return "workflow";
    }

    private static IResult Taken(string workflowId) => Problems.Of(ErrorKind.Conflict,
        $"The workflow_id {Problems.Quote(workflowId)} belongs to a workflow with another body, or one of its tasks is another one's.",
        [new FieldError("#/workflow_id", "choose another id, or send the first body again", ErrorKind.Conflict.Code)]);

    private static IResult NoSuchWorkflow(string workflowId) =>
        Problems.Of(ErrorKind.NotFound, $"There is no workflow {Problems.Quote(workflowId)}.");
}

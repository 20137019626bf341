using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace A2A.Micro.Gateway.Control;

/// <summary>Reading what became of commands, and what agents handed over on the way.</summary>
public static class CommandEndpoints
{
    private const int ListMax = 1000;

    /// <summary>Adds the routes.</summary>
    public static void MapCommands(this IEndpointRouteBuilder v1)
    {
        _ = v1.MapGet("/commands/{commandId}", Get).WithTags("Commands").WithName("getCommand").WithSummary("What became of a command")
            .WithDescription("With Prefer: wait=N the call holds until the final answer. The id of a bulk shows all of its commands.")
            .Produces<CommandView>().AlsoProduces<BulkView>().ProducesErrors(400, 404, 429, 503);
        _ = v1.MapGet("/tasks/{taskId}/commands", List).WithTags("Commands").WithName("listTaskCommands")
            .WithSummary("The commands that a task was given").Produces<CommandListView>().ProducesErrors(404, 503);
        _ = v1.MapGet("/tasks/{taskId}/partials", Partials).WithTags("Tasks").WithName("listPartials")
            .WithSummary("The partial results of a task, per attempt").Produces<PartialListView>().ProducesErrors(400, 404, 503);
    }

    private static async Task<IResult> Get(
        string commandId, string? wait, [FromHeader(Name = "Prefer")] string? prefer, Commands commands, HttpContext http)
    {
        _ = prefer; // named for the document only; all lines of the header are read below
        var seconds = Preferences.Wait(http, wait);
        var row = await commands.Find(commandId, http.RequestAborted).ConfigureAwait(false);
        if (row is not null && seconds is { } asked)
        {
            row = await commands.Wait(row, TimeSpan.FromSeconds(asked), final: true, http.RequestAborted).ConfigureAwait(false);
        }

        http.Response.Headers.CacheControl = "no-cache";
        if (row is not null)
        {
            if (row.Status < CommandState.Applied) { http.Response.Headers.RetryAfter = "1"; }
            return TypedResults.Ok(CommandView.Of(row));
        }

        var bulk = await commands.OfBulk(commandId, http.RequestAborted).ConfigureAwait(false);
        return bulk.Count > 0
            ? TypedResults.Ok(BulkEndpoints.View(commandId, bulk))
            : Problems.Of(ErrorKind.NotFound, $"There is no command {Problems.Quote(commandId)}.");
    }

    private static async Task<IResult> List(string taskId, Commands commands, StateReader states, HttpContext http)
    {
        if (await states.Find(taskId, http.RequestAborted).ConfigureAwait(false) is null) { return Problems.NoSuchTask(taskId); }
        var rows = await commands.OfTask(taskId, ListMax, http.RequestAborted).ConfigureAwait(false);
        return TypedResults.Ok(new CommandListView { Commands = [.. rows.Select(CommandView.Of)] });
    }

    private static async Task<IResult> Partials(
        string taskId, string? after, string? limit, TenantStates queries, StateReader states, HttpContext http)
    {
        var errors = new List<FieldError>();
        var from = Number(after, 0, long.MaxValue, 0, "after", errors);
        var most = (int)Number(limit, 1, ListMax, 100, "limit", errors);
        if (errors.Count > 0) { return Problems.Of(errors); }
        if (await states.Find(taskId, http.RequestAborted).ConfigureAwait(false) is null) { return Problems.NoSuchTask(taskId); }
        var changes = await queries.Partials(taskId, from, most, http.RequestAborted).ConfigureAwait(false);
        return TypedResults.Ok(new PartialListView
        {
            Partials = [.. changes.Select(View)],
            NextAfter = changes.Count == most ? changes[^1].Version : null,
        });
    }

    private static PartialView View(TaskChange change) => new()
    {
        Version = change.Version,
        Attempt = change.Attempt,
        ExecutorAgentId = change.AgentId,
        Number = change.PartialNumber,
        CompletedPortion = change.CompletedPortion,
        IntermediateData = Security.Encryption.SealedFields.Redact(change.Data),
        CanResume = change.ResumeToken is not null,
        ResumeToken = change.ResumeToken,
        Timestamp = change.At,
    };

    private static long Number(string? text, long least, long most, long otherwise, string name, List<FieldError> errors)
    {
        if (text is null) { return otherwise; }
        if (long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most)
        {
            return number;
        }

        errors.Add(new FieldError("#/query/" + name, $"a whole number from {least} to {most}", ErrorKind.Validation.Code));
        return otherwise;
    }
}

using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Gateway.Tasks;
using A2A.Micro.Security.Encryption;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Control;

/// <summary>
/// Commands to a task that is under way. Each is stored before it is answered, and gets exactly one final answer. Repeating one is harmless by
/// its <c>command_id</c>.
/// </summary>
public static class ControlEndpoints
{
    private const string HowItAnswers =
        " 200: it is done. 202: it is on its way, accepted by the agent's keeper or still pending; GET /v1/commands/{command_id} says what became of it."
        + " With Prefer: wait=N the call holds until the final answer. The same command_id or Idempotency-Key again is the same command. If-Match with"
        + " the ETag of the task refuses the command (412) when the task has changed since.";

    /// <summary>Adds the routes of commands to one task.</summary>
    public static void MapControl(this IEndpointRouteBuilder v1)
    {
        Map<CancelTaskRequest>(v1, "cancel", "Cancel a task",
            "Once it is accepted or applied the task never becomes completed. 409 TASK_NOT_CANCELABLE when it had ended before.");
        Map<PauseRequest>(v1, "pause", "Pause a task",
            "A running task stops at its next checkpoint, a waiting one at once. An agent that is silent makes the command fail with COM001.");
        Map<ResumeRequest>(v1, "resume", "Go on with a paused task",
            "From its last checkpoint, here or elsewhere. A failed task that left one goes on as a new task (new_task_id).");
        Map<ControlRequest>(v1, "hold", "Hold a task back", "It waits until it is released, whatever it waited for.");
        Map<ControlRequest>(v1, "release", "Release a task that is held", "It takes its place in the line.");
        Map<ControlRequest>(v1, "requeue", "Give a task another attempt now", "What its agent does is taken back; the next attempt has its last checkpoint.");
        Map<ControlRequest>(v1, "retry", "Do an ended task again", "As a new task (new_task_id) that names this one in replay_of.");
        Map<InputRequest>(v1, "input", "Answer the question of an agent",
            "While the state is input_required; the question is in the task, and an answer that does not fit its schema is refused (422).");
        _ = v1.MapPatch("/tasks/{taskId}", (
                string taskId, string? wait, [FromHeader(Name = IdempotencyKey.Header)] string? idempotencyKey,
                [FromHeader(Name = "If-Match")] string? ifMatch, Giver giver, HttpContext http) => giver.Give("amend", taskId, wait, http))
            .WithTags("Commands").WithName("amendTask").WithSummary("Change a task that waits")
            .WithDescription("JSON merge patch of priority, deadline, requirements and metadata; 409 once an agent has it." + HowItAnswers)
            .Accepts<AmendRequest>("application/merge-patch+json", "application/json")
            .Produces<CommandView>(StatusCodes.Status202Accepted).Produces<CommandView>()
            .ProducesErrors(400, 404, 409, 412, 413, 415, 422, 429, 503);
        v1.MapCommands();
        v1.MapBulk();
    }

    private static void Map<TRequest>(IEndpointRouteBuilder v1, string verb, string summary, string description) where TRequest : notnull =>
        v1.MapPost($"/tasks/{{taskId}}/{verb}", (
                string taskId, string? wait, [FromHeader(Name = IdempotencyKey.Header)] string? idempotencyKey,
                [FromHeader(Name = "If-Match")] string? ifMatch, Giver giver, HttpContext http) => giver.Give(verb, taskId, wait, http))
            .WithTags("Commands").WithName(verb == "input" ? "provideInput" : verb + "Task")
            .WithSummary(summary).WithDescription(description + HowItAnswers)
            // Without a body the media type says nothing, and clients send odd ones; a body that is there is checked by RequestBody.
            .Accepts<TRequest>(isOptional: verb != "input", "application/json", "*/*")
            .Produces<CommandView>(StatusCodes.Status202Accepted)
            .Produces<CommandView>()
            .ProducesErrors(400, 404, 409, 412, 413, 415, 422, 429, 503);

    /// <summary>Reads, stores, waits a little, answers.</summary>
    internal sealed class Giver(Commands commands, StateReader states, Sealing sealing, TimeProvider clock, IOptions<GatewayOptions> options)
    {
        public async Task<IResult> Give(string verb, string taskId, string? wait, HttpContext http)
        {
            var seconds = Preferences.Wait(http, wait);
            var body = await RequestBody.Read(http.Request, options.Value, optional: verb is not ("input" or "amend"), http.RequestAborted)
                .ConfigureAwait(false);
            var errors = new List<FieldError>();
            var key = IdempotencyKey.Read(http.Request.Headers[IdempotencyKey.Header]);
            var named = CommandMessages.IdOf(body, errors);
            var commandId = named ?? (key is null
                ? "command-" + Guid.CreateVersion7(clock.GetUtcNow())
                : CommandMessages.IdOf(key, verb, taskId));
            var message = CommandMessages.Read(verb, taskId, commandId, body, errors);
            if (errors.Count > 0) { return Problems.Of(errors); }
            var (objection, sequence, isSecret) = await Judge(taskId, commandId, message, http).ConfigureAwait(false);
            if (objection is not null) { return objection; }
            if (message is ProvideInput answer)
            {
                if (sealing.Objection(answer, isSecret == true) is { } bare) { return Problems.Of([bare]); }
                message = await Sealed(answer, isSecret != false, http.RequestAborted).ConfigureAwait(false);
            }

            // Two that read the same version may both pass here; the task lets only one of them.
            var conditional = sequence is { } step ? CommandMessages.After(step, verb, message) : message;
            var receipts = await commands.Accept([commands.New(verb, taskId, commandId, conditional)], http.RequestAborted).ConfigureAwait(false);
            http.Response.Headers["A2A-Command-Id"] = commandId;
            if (receipts[0].Conflicts && named is null) { return SubmitEndpoint.KeyReused(); }
            if (receipts[0].Conflicts)
            {
                return Problems.Of(ErrorKind.Conflict, $"The command_id {Problems.Quote(commandId)} belongs to another command.",
                    [new FieldError("#/command_id", "choose another id, or send the first command again", ErrorKind.Conflict.Code)]);
            }

            if (receipts[0].Repeated && key is not null) { http.Response.Headers["Idempotency-Replayed"] = "true"; }
            var row = await commands.Wait(
                receipts[0].Row, seconds is { } asked ? TimeSpan.FromSeconds(asked) : options.Value.AnswerTimeout,
                final: seconds is not null, http.RequestAborted).ConfigureAwait(false);
            return Answer(row, http);
        }

        private async Task<ProvideInput> Sealed(ProvideInput answer, bool mayBeSecret, CancellationToken cancellation)
        {
            var before = await commands.Find(answer.CommandId, cancellation).ConfigureAwait(false);
            var earlier = before is { Command: "input", Body: not null } ? CommandMessages.Restore(before) as ProvideInput : null;
            return mayBeSecret || earlier is { Input: var said } && SealedFields.TaskOf(said) is not null
                ? sealing.Seal(answer, Tenancy.In(answer.TaskId), earlier)
                : answer;
        }

        // Whether the task exists is asked only to spare the bus; when it cannot be asked, the Scheduler knows. A condition must be judged; the step
        // that it was judged on goes along.
        // Whether an answer is a secret is not known either then: it is sealed, and the Scheduler, which knows the question, opens it if it is none.
        private async Task<(IResult? Objection, long? Sequence, bool? IsSecret)> Judge(
            string taskId, string commandId, object message, HttpContext http)
        {
            if (!TaskRules.IsTaskId(taskId)) { return (Problems.NoSuchTask(taskId), null, null); }
            var isConditional = Conditions.IsConditional(http.Request);
            try
            {
                if (await states.Find(taskId, http.RequestAborted).ConfigureAwait(false) is not { } reading)
                {
                    return (Problems.NoSuchTask(taskId), null, null);
                }

                var isSecret = reading.Document.Question?.Sensitive == true;
                var errors = message is ProvideInput answer ? AnswerCheck.Of(answer, reading.Document) : [];
                var refusal = Conditions.Refusal(http, reading) ?? (errors.Count > 0 ? Problems.Of(errors) : null);
                var sequence = isConditional ? reading.Document.Sequence : (long?)null;
                if (refusal is null && !isConditional) { return (null, null, isSecret); }
                // A repeat is answered as before: the task may have changed because of this very command.
                return await commands.Find(commandId, http.RequestAborted).ConfigureAwait(false) is { } before
                    ? (null, CommandMessages.SequenceOf(before.Body), isSecret)
                    : (refusal, sequence, isSecret);
            }
            catch (ProtocolException e) when (e.Kind == ErrorKind.Connection && !isConditional)
            {
                return (null, null, null);
            }
        }
    }

    /// <summary>The answer to a command as it stands.</summary>
    internal static IResult Answer(CommandRow row, HttpContext http)
    {
        if (row.Status == CommandState.Rejected)
        {
            var kind = ErrorKind.Find(row.Code ?? "") ?? ErrorKind.Conflict;
            return kind == ErrorKind.NotFound
                ? Problems.NoSuchTask(row.TaskId)
                : Problems.Of(kind, Sentence(row), state: row.State);
        }

        var view = CommandView.Of(row);
        if (row.Status == CommandState.Applied) { return TypedResults.Ok(view); }
        http.Response.Headers.RetryAfter = "1";
        return TypedResults.Accepted(view.Links.Self, view);
    }

    private static string Sentence(CommandRow row) => row.Detail is { Length: > 0 } detail
        ? char.ToUpperInvariant(detail[0]) + detail[1..] + "."
        : row.State is { } state ? $"The task is {state}." : $"The task cannot take the command {row.Command} now.";
}

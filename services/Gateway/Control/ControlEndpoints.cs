using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Control;

/// <summary>Commands to a task that is under way. Each gets exactly one answer from the Scheduler: acknowledged or rejected.</summary>
public static class ControlEndpoints
{
    private const int ReasonLengthMax = 2000;

    /// <summary>Adds the routes of commands.</summary>
    public static void MapControl(this IEndpointRouteBuilder v1) =>
        v1.MapPost("/tasks/{taskId}/cancel", Cancel).WithTags("Tasks").WithName("cancelTask")
            .WithSummary("Cancel a task")
            .WithDescription("After 202 or 200 the task never becomes completed. 409 TASK_NOT_CANCELABLE when it had ended before.")
            // Without a body the media type says nothing, and clients send odd ones; a body that is there is checked by RequestBody.
            .Accepts<CancelTaskRequest>(isOptional: true, "application/json", "*/*")
            .Produces<CommandView>(StatusCodes.Status202Accepted)
            .Produces<CommandView>()
            .ProducesErrors(400, 404, 409, 413, 415, 503);

    private static async Task<IResult> Cancel(
        string taskId,
        StateReader states,
        IRequestClient<CancelTask> scheduler,
        TimeProvider clock,
        IOptions<GatewayOptions> options,
        HttpContext http)
    {
        var body = await RequestBody.Read(http.Request, options.Value, optional: true, http.RequestAborted).ConfigureAwait(false);
        var (command, errors) = Read(body, taskId, "command-" + Guid.CreateVersion7(clock.GetUtcNow()));
        if (errors.Count > 0) { return Problems.Of(errors); }
        if (await Unknown(taskId, states, http.RequestAborted).ConfigureAwait(false)) { return Problems.NoSuchTask(taskId); }

        var answer = await AskUntilKnown(command, scheduler, clock, options.Value.AnswerTimeout, http.RequestAborted).ConfigureAwait(false);
        return answer switch
        {
            ControlAcknowledged ack => TypedResults.Json(
                new CommandView { CommandId = ack.CommandId, Status = ack.Status, TaskId = ack.TaskId },
                statusCode: ack.Status == "applied" ? StatusCodes.Status200OK : StatusCodes.Status202Accepted),
            ControlRejected rejected => Refusal(rejected),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static (CancelTask Command, List<FieldError> Errors) Read(JsonElement? body, string taskId, string madeId)
    {
        var errors = new List<FieldError>();
        var command = new CancelTask { TaskId = taskId, CommandId = madeId };
        if (body is not { } given) { return (command, errors); }
        var fields = new JsonFields(given, "#", errors, "reason", "command_id");
        command = command with
        {
            Reason = fields.Text("reason", ReasonLengthMax),
            CommandId = fields.Text("command_id") ?? madeId,
        };
        if (!TaskRules.IsTaskId(command.CommandId)) { fields.Wrong("#/command_id", "1 to 128 characters from A-Z a-z 0-9 . _ : ~ -"); }
        return (command, errors);
    }

    // Whether the task exists is asked only to spare the bus; when it cannot be asked, the Scheduler knows.
    private static async Task<bool> Unknown(string taskId, StateReader states, CancellationToken cancellation)
    {
        if (!TaskRules.IsTaskId(taskId)) { return true; }
        try
        {
            return await states.Find(taskId, cancellation).ConfigureAwait(false) is null;
        }
        catch (ProtocolException e) when (e.Kind == ErrorKind.Connection)
        {
            return false;
        }
    }

    // The task exists: its submission was found. A Scheduler that does not know it has not heard of it yet.
    private static async Task<object> AskUntilKnown(
        CancelTask command, IRequestClient<CancelTask> scheduler, TimeProvider clock, TimeSpan timeout, CancellationToken cancellation)
    {
        // The client's own timer begins when the request has left; with the broker away it never leaves.
        using var limit = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            while (true)
            {
                var answer = await scheduler.GetResponse<ControlAcknowledged, ControlRejected>(command, either.Token).ConfigureAwait(false);
                if (answer.Message is not ControlRejected rejected || rejected.Reason != ErrorKind.NotFound.Code) { return answer.Message; }
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, either.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested
            && e is OperationCanceledException or RequestException)
        {
            throw new ProtocolException(ErrorKind.Timeout,
                "The Scheduler did not answer in time; send the command again with the same command_id.");
        }
    }

    private static IResult Refusal(ControlRejected rejected)
    {
        var kind = ErrorKind.Find(rejected.Reason) ?? ErrorKind.Conflict;
        var state = rejected.State is { } known ? Contracts.Wire.WireWord.Word(known) : null;
        return kind == ErrorKind.NotFound
            ? Problems.NoSuchTask(rejected.TaskId)
            : Problems.Of(kind, state is null ? "The task cannot be cancelled." : $"The task is {state}.", state: state);
    }
}

/// <summary>What became of a command.</summary>
public sealed record CommandView
{
    /// <summary>Names the command; send it again to ask again.</summary>
    public required string CommandId { get; init; }

    /// <summary><c>accepted</c>: it is being carried out; <c>applied</c>: it is done.</summary>
    public required string Status { get; init; }

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }
}

using System.Diagnostics;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.AgentSdk.Attempts;

/// <summary>The pipeline of one attempt: say yes, start, guard the deadline, perform, classify, report.</summary>
internal sealed class Running(
    AttemptRegister register,
    AgentOptions options,
    IAgentVoice voice,
    IServiceProvider services,
    TimeProvider clock,
    ILogger log,
    CancellationToken shutdown)
{
    private readonly Insistence insistence = new(voice, clock, log);

    /// <summary>Brings and takes what is too large for a message.</summary>
    public PayloadCourier Courier => field ??= new(insistence, clock);

    /// <summary>Runs it to its end; throws nothing.</summary>
    public async Task Run(Attempt attempt)
    {
        try
        {
            using var activity = StartActivity(attempt);
            var started = clock.GetTimestamp();
            using var reports = new ProgressSender(
                attempt, voice, insistence, Courier, options.ProgressInterval, clock, log);
            var sending = reports.Run(attempt.Silence.Token);
            // Beside the acceptance: a handler that computes without a pause must not hold it up.
            var performing = Task.Run(() => Perform(attempt, reports));
            var accepting = Accept(attempt, performing);
            var end = await performing;
            var outcome = Outcome.Of(end, attempt.Cancellation.Reason, register.Stop(attempt));
            var duration = clock.GetElapsedTime(started);
            Note(attempt, outcome, duration, activity);
            reports.Flush();
            await sending;
            await accepting;
            if (outcome is Outcome.Paused { KeepsRoom: true }) { register.Park(attempt); }
            if (TokenOf(end) is { } paused) { await SayToken(attempt, paused, reports); }
            await Report(attempt, outcome, duration);
        }
        finally
        {
            _ = attempt.Answered.TrySetResult();
            register.Forget(attempt);
        }
    }

    // What is done within a moment says so instead of saying yes first: a result implies the acceptance. Otherwise the yes goes before
    // everything that ends the attempt. A late one is harmless: the Scheduler withdraws the attempt.
    private async Task Accept(Attempt attempt, Task performing)
    {
        if (options.AcceptWithin > TimeSpan.Zero)
        {
            await performing.WaitAsync(options.AcceptWithin, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (performing.IsCompleted) { return; }
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            attempt.Cancellation.Token, attempt.Silence.Token);
        try
        {
            await insistence.Send(Endpoints.Tasks, Yes(attempt.Offer), either.Token);
            AgentLog.Accepted(log, attempt.Offer.TaskType, attempt.Key.TaskId, attempt.Key.Attempt);
            _ = attempt.Answered.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            // It ends before it was accepted; what is reported of its end says enough.
        }
    }

    /// <summary>The acceptance of an offer.</summary>
    public static TaskAccepted Yes(OfferTask offer) =>
        new() { TaskId = offer.TaskId, Attempt = offer.Attempt, AgentId = offer.AgentId };

    private async Task<HandlerEnd> Perform(Attempt attempt, ITaskReports reports)
    {
        var context = new TaskContext(attempt.Offer, attempt.Cancellation, attempt.Dialogue, reports, shutdown);
        using var guard = new DeadlineGuard(attempt.Offer.Deadline, attempt.Cancellation, clock);
        try
        {
            return new HandlerEnd(await attempt.Work.Perform(services, context), null);
        }
        catch (Exception fault)
        {
            // Whatever a handler throws is its answer; Outcome.Of says which.
            return new HandlerEnd(null, fault);
        }
        finally
        {
            await CallbacksOf(attempt);
        }
    }

    private async Task CallbacksOf(Attempt attempt)
    {
        try
        {
            await attempt.Cancellation.Delivered;
        }
        catch (Exception fault)
        {
            AgentLog.CallbackFailed(log, fault, attempt.Key.TaskId, attempt.Key.Attempt);
        }
    }

    private async Task Report(Attempt attempt, Outcome outcome, TimeSpan duration)
    {
        try
        {
            await (outcome switch
            {
                Outcome.Completed done => Complete(attempt.Secrets.SealResult(done.Result, attempt.Work.Secrets)!.Value),
                Outcome.Failed failed => Send(Result(attempt.Offer, duration) with { Error = attempt.Secrets.Without(failed.Error) }),
                Outcome.Paused paused => Task.WhenAll(paused.Commands.Select(command => Send(Stopped(attempt.Offer, command) with
                {
                    ResumeToken = attempt.Secrets.SealToken(paused.ResumeToken),
                    Number = paused.ResumeToken is null ? null : attempt.NextCheckpoint(),
                }))),
                Outcome.Cancelled cancelled => Task.WhenAll(
                    cancelled.Commands.Select(command => Send(Stopped(attempt.Offer, command)))),
                _ => Task.CompletedTask,
            });
        }
        catch (OperationCanceledException)
        {
            AgentLog.Unreported(log, attempt.Key.TaskId, attempt.Key.Attempt, outcome.Word);
        }

        async Task Complete(JsonElement result)
        {
            var report = Result(attempt.Offer, duration);
            try
            {
                var travelling = await Courier.Claim(result, PayloadReference.ResultInlineMax, attempt.Offer, attempt.Silence.Token);
                report = report with { Status = TaskState.Completed, Result = travelling };
            }
            catch (InvalidDataException refused)
            {
                report = report with { Error = new TaskError { Code = ErrorKind.ResultTooLarge.Code, Message = Text.Cut(refused.Message), Retryable = true } };
            }

            await Send(report);
        }

        Task Send<T>(T message) where T : class =>
            insistence.Send(Endpoints.Tasks, message, attempt.Silence.Token);
    }

    // Where a handler stopped counts even when the process ends with it: the next attempt finds it.
    private static TaskPausedException? TokenOf(HandlerEnd end) =>
        end.Fault is TaskPausedException { ResumeToken: not null } paused ? paused : null;

    private async Task SayToken(Attempt attempt, TaskPausedException paused, ProgressSender reports)
    {
        try
        {
            await reports.Partial(null, paused.Portion, paused.ResumeToken, attempt.Silence.Token);
        }
        catch (OperationCanceledException)
        {
            AgentLog.Unreported(log, attempt.Key.TaskId, attempt.Key.Attempt, "checkpoint");
        }
    }

    private TaskResult Result(OfferTask offer, TimeSpan duration) => new()
    {
        TaskId = offer.TaskId,
        Attempt = offer.Attempt,
        ExecutorAgentId = offer.AgentId,
        Status = TaskState.Failed,
        CompletedAt = clock.GetUtcNow(),
        ExecutionMetadata = JsonSerializer.SerializeToElement(
            new { DurationMs = (long)duration.TotalMilliseconds }, WireJson.Options),
    };

    /// <summary>The answer to a cancel: nothing of this attempt runs here.</summary>
    public static ControlAcknowledged Stopped(OfferTask offer, string commandId) => new()
    {
        CommandId = commandId,
        Status = "applied",
        TaskId = offer.TaskId,
        Attempt = offer.Attempt,
        AgentId = offer.AgentId,
    };

    private static Activity? StartActivity(Attempt attempt)
    {
        var activity = AgentTelemetry.Source.StartActivity(
            "a2a.task.execute", ActivityKind.Internal, attempt.Parent);
        return activity?
            .SetTag("a2a.task.id", attempt.Key.TaskId)
            .SetTag("a2a.task.type", attempt.Offer.TaskType)
            .SetTag("a2a.task.attempt", attempt.Key.Attempt)
            .SetTag("a2a.agent.id", attempt.Offer.AgentId);
    }

    private void Note(Attempt attempt, Outcome outcome, TimeSpan duration, Activity? activity)
    {
        if (outcome is Outcome.Failed { Error: var error })
        {
            _ = activity?.SetStatus(ActivityStatusCode.Error, error.Code);
        }

        _ = activity?.SetTag("a2a.task.outcome", outcome.Word);
        AgentTelemetry.Count(outcome.Word, attempt.Offer.TaskType, duration);
        AgentLog.Ended(
            log, attempt.Key.TaskId, attempt.Key.Attempt, outcome.Word, (long)duration.TotalMilliseconds);
    }
}

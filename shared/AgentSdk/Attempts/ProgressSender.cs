using System.Text.Json;
using System.Threading.Channels;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.AgentSdk.Attempts;

/// <summary>
/// Reports of one attempt. Progress is one slot that holds the newest value and a sender that empties it, so a handler never
/// waits for the bus, and the last value always goes.
/// </summary>
internal sealed class ProgressSender(
    Attempt attempt, IAgentVoice voice, Insistence insistence, PayloadCourier courier, TimeSpan interval, TimeProvider clock, ILogger log)
    : ITaskReports, IDisposable
{
    // A progress message is worth waiting for only so long: the result goes after it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Channel<bool> wake =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource flushed = new();
    private TaskStatusUpdate? newest;
    private readonly OfferTask offer = attempt.Offer;

    public void Progress(double fraction, string? message)
    {
        Volatile.Write(ref newest, new TaskStatusUpdate
        {
            TaskId = offer.TaskId,
            Attempt = offer.Attempt,
            ExecutorAgentId = offer.AgentId,
            Status = TaskState.Running,
            Progress = fraction,
            ProgressMessage = attempt.Secrets.Without(message),
            Timestamp = clock.GetUtcNow(),
        });
        _ = wake.Writer.TryWrite(true);
    }

    // The Scheduler first: it hands the token to the next attempt. StateSync shows it.
    public async Task Partial(JsonElement? data, double portion, string? resumeToken, CancellationToken cancellationToken)
    {
        var token = attempt.Secrets.SealToken(resumeToken);
        if (token is not null)
        {
            await insistence.Send(Endpoints.Tasks, new TaskCheckpoint
            {
                TaskId = offer.TaskId,
                Attempt = offer.Attempt,
                AgentId = offer.AgentId,
                Number = attempt.NextCheckpoint(),
                ResumeToken = token,
            }, cancellationToken);
        }

        await insistence.Send(Endpoints.Status, new TaskPartial
        {
            TaskId = offer.TaskId,
            Attempt = offer.Attempt,
            ExecutorAgentId = offer.AgentId,
            CompletedPortion = portion,
            IntermediateData = attempt.Secrets.SealResult(data, attempt.Work.Secrets),
            CanResume = token is not null,
            ResumeToken = token,
            Number = attempt.NextPartial(),
            Timestamp = clock.GetUtcNow(),
        }, cancellationToken);
    }

    public Task Ask(InputQuestion question, CancellationToken cancellationToken) => insistence.Send(Endpoints.Tasks, new RequireInput
    {
        TaskId = offer.TaskId,
        Attempt = offer.Attempt,
        AgentId = offer.AgentId,
        Question = question with { Question = attempt.Secrets.Without(question.Question)! },
    }, cancellationToken);

    public async Task Submit(SubmitTask child, CancellationToken cancellationToken)
    {
        var closed = attempt.Secrets.SealChild(child);
        var travelling = closed.Parameters is { } given
            ? await courier.Claim(given, PayloadReference.ParametersInlineMax, offer, cancellationToken)
            : (JsonElement?)null;
        await insistence.Send(Endpoints.Tasks, closed with { Parameters = travelling }, cancellationToken);
    }

    public Task Watch(string childId, CancellationToken cancellationToken) =>
        insistence.Send(Endpoints.Tasks, Watching(offer, childId, clock.GetUtcNow()), cancellationToken);

    public async Task<JsonElement?> Fetch(JsonElement? value, CancellationToken cancellationToken) =>
        attempt.Secrets.OpenResult(await courier.Whole(value, offer.TaskId, offer.AgentId, cancellationToken));

    public Task<StateUpdated> Update(UpdateState update, CancellationToken cancellationToken) =>
        insistence.Ask<UpdateState, StateUpdated>(Endpoints.SharedState, update, cancellationToken);

    public Task<StateRead> Read(ReadState question, CancellationToken cancellationToken) =>
        insistence.Ask<ReadState, StateRead>(Endpoints.SharedState, question, cancellationToken);

    /// <summary>Asks for the end of a child with its whole result, to be said to this attempt.</summary>
    public static WatchDependency Watching(OfferTask offer, string childId, DateTimeOffset now) => new()
    {
        TaskId = childId,
        DependentId = offer.TaskId,
        WaitingSince = now,
        Outputs = [""],
        AgentId = offer.AgentId,
        Attempt = offer.Attempt,
    };

    public void Dispose() => flushed.Dispose();

    /// <summary>Sends until <see cref="Flush"/> or <paramref name="silence"/>.</summary>
    public async Task Run(CancellationToken silence)
    {
        while (await wake.Reader.WaitToReadAsync(CancellationToken.None))
        {
            _ = wake.Reader.TryRead(out _);
            await SendNewest(silence);
            await Pause(silence);
        }

        await SendNewest(silence);
    }

    /// <summary>No further progress: <see cref="Run"/> sends what is left at once and ends.</summary>
    public void Flush()
    {
        _ = wake.Writer.TryComplete();
        flushed.Cancel();
    }

    private async Task SendNewest(CancellationToken silence)
    {
        if (Interlocked.Exchange(ref newest, null) is not { } update || silence.IsCancellationRequested) { return; }
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, silence);
        try
        {
            await voice.Send(Endpoints.Status, update, either.Token).WaitAsync(either.Token);
        }
        catch (Exception fault)
        {
            // Lost, unless the handler has said something newer; but what it said last must go.
            AgentLog.ProgressLost(log, offer.TaskId, offer.Attempt, fault.Message);
            if (Interlocked.CompareExchange(ref newest, update, null) is null) { _ = wake.Writer.TryWrite(true); }
        }
    }

    private async Task Pause(CancellationToken silence)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(flushed.Token, silence);
        await Task.Delay(interval, clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

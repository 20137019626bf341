using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Access;
using A2A.Micro.Gateway.Estimates;
using A2A.Micro.Gateway.Tasks;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Resources;

/// <summary>
/// Why a task waits for room: asked of the ResourceManager, which is told how long work of the types before it runs. A help and no
/// promise: when it cannot be asked soon, what the task's own document says is the answer.
/// </summary>
public sealed class Explanations(ResourceQuestions questions, TypeEstimates estimates, TimeProvider clock, IOptions<GatewayOptions> options)
{
    // Who reads a task wants the task; only who asks why is kept waiting for the answer.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan QuietFor = TimeSpan.FromSeconds(5);
    private long _quietUntil;

    /// <summary>The <c>waiting</c> member of a task.</summary>
    public async ValueTask<WaitingView?> Waiting(TaskDocument document, CancellationToken cancellation)
    {
        var known = WaitingReason.Of(document);
        // A system without a ResourceManager must not be slow for every reader.
        if (document.State != TaskState.Queued || clock.GetUtcNow().UtcTicks < Interlocked.Read(ref _quietUntil)) { return known; }
        try
        {
            return await Ask(document, Patience, cancellation).ConfigureAwait(false) is { } live ? Of(live) : known;
        }
        catch (ProtocolException)
        {
            _ = Interlocked.Exchange(ref _quietUntil, (clock.GetUtcNow() + QuietFor).UtcTicks);
            return known;
        }
    }

    /// <summary>Everything that is known about why a task does not run.</summary>
    public async Task<TaskExplanationView> Explain(Reading reading, CancellationToken cancellation)
    {
        var view = TaskExplanationView.Of(reading);
        if (reading.Document.State != TaskState.Queued) { return view; }
        try
        {
            return await Ask(reading.Document, options.Value.AnswerTimeout, cancellation).ConfigureAwait(false) is { } live
                ? view.With(live)
                : view;
        }
        catch (ProtocolException)
        {
            return view with { Stale = true };
        }
    }

    /// <summary>What would become of a task that is not handed in.</summary>
    /// <exception cref="ProtocolException">The ResourceManager does not answer in time.</exception>
    public async Task<RoomPlan> Plan(AllocateResources room, CancellationToken cancellation)
    {
        var known = await RunTimes([room.TaskType], cancellation).ConfigureAwait(false);
        var first = await Ask(known).ConfigureAwait(false);
        var more = await RunTimes(first.Waits?.RunTimesWanted ?? [], cancellation).ConfigureAwait(false);
        return more.Count == 0 ? first : await Ask([.. known, .. more]).ConfigureAwait(false);

        Task<RoomPlan> Ask(IReadOnlyList<TypeRunTime> runTimes) => questions.Ask<PlanRoom, RoomPlan>(
            new PlanRoom { Room = room, RunTimes = runTimes }, options.Value.AnswerTimeout, cancellation);
    }

    private static WaitingView Of(WaitExplanation live) => new()
    {
        Code = live.Reasons[0].Code,
        Sentence = live.Reasons[0].Sentence,
        Evidence = live.Summary,
        Position = live.Position,
        LineLength = live.LineLength,
        EstimatedStart = live.EstimatedStart,
    };

    private async Task<WaitExplanation?> Ask(TaskDocument document, TimeSpan patience, CancellationToken cancellation)
    {
        var known = await RunTimes([document.TaskType], cancellation).ConfigureAwait(false);
        var first = await Ask(document.TaskId, known, patience, cancellation).ConfigureAwait(false);
        // An answer about an older attempt says nothing about this one.
        if (first is null || first.Attempt < document.Attempt) { return null; }
        var more = await RunTimes(first.RunTimesWanted, cancellation).ConfigureAwait(false);
        return more.Count == 0
            ? first
            : await Ask(document.TaskId, [.. known, .. more], patience, cancellation).ConfigureAwait(false) ?? first;
    }

    private async Task<WaitExplanation?> Ask(
        string taskId, IReadOnlyList<TypeRunTime> runTimes, TimeSpan patience, CancellationToken cancellation) =>
        (await questions.Ask<ExplainWait, WaitExplained>(new ExplainWait { TaskId = Tenancy.In(taskId), RunTimes = runTimes }, patience, cancellation)
            .ConfigureAwait(false)).Explanation;

    private async Task<IReadOnlyList<TypeRunTime>> RunTimes(IReadOnlyList<string> types, CancellationToken cancellation)
    {
        var histories = await Task.WhenAll(types.Select(type => estimates.Find(type, cancellation).AsTask()))
            .ConfigureAwait(false);
        return
        [
            .. from history in histories
            where history is not null && history.Completed >= options.Value.EstimateSamplesMin
            let execution = history.ExecutionS
            where execution is not null
            select new TypeRunTime { TaskType = history.TaskType, P05S = execution.P05, P50S = execution.P50, P95S = execution.P95 },
        ];
    }
}

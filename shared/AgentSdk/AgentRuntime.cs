using System.Diagnostics;
using A2A.Micro.AgentSdk.Attempts;
using A2A.Micro.AgentSdk.Offers;
using A2A.Micro.AgentSdk.Presence;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security.Encryption;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.AgentSdk;

/// <summary>One agent at work: takes offers, obeys commands, speaks for itself. A process may hold several.</summary>
internal sealed class AgentRuntime : IDisposable
{
    private readonly AgentDefinition agent;
    private readonly IAgentVoice voice;
    private readonly IServiceProvider services;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly AttemptRegister register = new();
    private readonly BeatReport beatReport = new();
    private readonly CancellationTokenSource shutdown = new();
    private readonly AgentKey sealing = new();
    private readonly Running running;
    private readonly OfferJudge judge;
    private long incarnation;

    public AgentRuntime(
        AgentDefinition agent, AgentOptions options, IAgentVoice voice, IServiceProvider services, TimeProvider clock,
        ILogger log)
    {
        (this.agent, this.voice, this.services, this.clock, this.log) = (agent, voice, services, clock, log);
        Options = options;
        running = new Running(register, options, voice, services, clock, log, shutdown.Token);
        judge = new OfferJudge(agent, register, running.Courier, sealing, services, clock, log);
        incarnation = Microseconds();
    }

    public string AgentId => agent.AgentId;

    public AgentOptions Options { get; }

    /// <summary>Which start speaks; larger after a lost lease, as if the process had started again (G7b).</summary>
    public long Incarnation => Volatile.Read(ref incarnation);

    /// <summary>Handlers that run now.</summary>
    public int Busy => register.Busy;

    /// <inheritdoc />
    public void Dispose()
    {
        shutdown.Dispose();
        sealing.Dispose();
    }

    /// <summary>Answers an offer; the work goes on after this has returned.</summary>
    public async Task Offered(OfferTask offer, CancellationToken cancellationToken)
    {
        var taken = register.Recall(new AttemptKey(offer.TaskId, offer.Attempt)) ?? await judge.Consider(offer, cancellationToken);
        switch (taken)
        {
            case null:
                return;
            case { Rejection: { } rejection }:
                await voice.Send(Endpoints.Tasks, rejection, cancellationToken);
                return;
            case { IsNew: true, Attempt: { } attempt }:
                Start(attempt);
                await attempt.Answered.Task.WaitAsync(cancellationToken);
                return;
            case { Attempt.Answered.Task: { IsCompleted: false } answering }:
                await answering.WaitAsync(cancellationToken);
                return;
            default:
                await voice.Send(Endpoints.Tasks, Running.Yes(offer), cancellationToken);
                return;
        }
    }

    /// <summary>Stops a task on request. What does not run here is acknowledged at once.</summary>
    public async Task Cancel(CancelTask command, CancellationToken cancellationToken)
    {
        if (register.Cancel(command.TaskId, command.Attempt, command.CommandId) is { } attempt)
        {
            attempt.Cancellation.Cancel(CancelReason.UserCancel);
            return;
        }

        await voice.Send(Endpoints.Tasks, new ControlAcknowledged
        {
            CommandId = command.CommandId,
            Status = "applied",
            TaskId = command.TaskId,
            Attempt = command.Attempt,
            AgentId = AgentId,
        }, cancellationToken);
    }

    /// <summary>
    /// Asks a task to pause: confirms that it was heard, then tells the handler. Nothing is said about what does not run here: its result,
    /// or the end of the lease, is on its way.
    /// </summary>
    public async Task Pause(PauseTask command, CancellationToken cancellationToken)
    {
        if (register.Pause(command.TaskId, command.Attempt, command.CommandId, command.KeepResources) is not { } attempt) { return; }
        await voice.Send(
            Endpoints.Tasks, Running.Stopped(attempt.Offer, command.CommandId) with { Status = "accepted" }, cancellationToken);
        await attempt.Dialogue.AskToPause();
    }

    /// <summary>Goes on with a task whose slot was kept. One that is not parked here goes on elsewhere, when the Scheduler hears nothing.</summary>
    public void Resume(ResumeTask command)
    {
        var resumed = register.Unpark(command.TaskId, command.Attempt, parked =>
            new Attempt(parked.Opened.At(command.Checkpoint), parked.Work, parked.Parent, parked));
        if (resumed is not null) { Start(resumed); }
    }

    /// <summary>Hands an answer to the handler that asked.</summary>
    public void Answer(ProvideInput input)
    {
        if (register.Find(new AttemptKey(input.TaskId, input.Attempt ?? 0)) is not { } attempt) { return; }
        if (input.Seal is { } seal) { attempt.Secrets.Learn(seal, sealing, AgentId, attempt.Key.Attempt); }
        attempt.Dialogue.Answer(input.Key ?? "", attempt.Secrets.Open(input.Input, $"{SealedFields.Inputs}/{input.Key}")!.Value);
    }

    /// <summary>
    /// Tells the handler how a child ended. A result that was left out, because one step had too much to tell to too many, is asked for once more.
    /// </summary>
    public Task ChildEnded(DependencySettled word, CancellationToken cancellationToken)
    {
        if (register.Find(new AttemptKey(word.TaskId, word.Attempt ?? 0)) is not { } attempt) { return Task.CompletedTask; }
        if (word is { State: TaskState.Completed, Outputs: null })
        {
            return voice.Send(Endpoints.Tasks, ProgressSender.Watching(attempt.Offer, word.DependencyId, clock.GetUtcNow()), cancellationToken);
        }

        attempt.Dialogue.Tell(word);
        return Task.CompletedTask;
    }

    /// <summary>An answer to what was asked.</summary>
    public void Answered(Guid? question, object answer) => voice.Hear(question, answer);

    /// <summary>Lets go of an attempt that is no longer ours, without a word.</summary>
    public void Withdraw(TaskWithdrawn message)
    {
        var key = new AttemptKey(message.TaskId, message.Attempt);
        register.Find(key)?.Drop(CancelReason.Withdrawn);
        register.ForgetParked(each => each.Key == key);
    }

    /// <summary>Says who it is and what it can do.</summary>
    public async Task Announce(CancellationToken cancellationToken)
    {
        beatReport.Forget();
        var mine = Incarnation;
        await voice.Send(Endpoints.Agents, new AnnounceAgent
        {
            AgentId = AgentId,
            Incarnation = mine,
            Capabilities = [.. agent.Handlers.Select(handler => handler.Describe())],
            Capacity = agent.CapacityBy(Options),
            Version = agent.Version,
            Labels = agent.LabelsBy(Options),
            TakesBulk = true,
            SealingKey = sealing.Public(),
        }, cancellationToken);
        AgentLog.Announced(log, AgentId, mine);
    }

    /// <summary>Renews the lease, and says what it works on when that has changed or was not said for some beats.</summary>
    public async Task Beat(CancellationToken cancellationToken)
    {
        var (mine, running) = (Incarnation, register.Running());
        var says = beatReport.Has(mine, running);
        await voice.Send(
            Endpoints.Agents, new AgentHeartbeat { AgentId = AgentId, Incarnation = mine, Running = says ? running : null }, cancellationToken);
        beatReport.Sent(mine, running, says);
    }

    /// <summary>
    /// The lease ended: others may have the tasks by now, so everything stops and nothing is reported (G5). A result that is
    /// finished and on its way still goes: the attempt number fences it if it comes too late.
    /// </summary>
    public void LoseLease()
    {
        var stopping = register.All();
        Volatile.Write(ref incarnation, Math.Max(Incarnation + 1, Microseconds()));
        AgentLog.LeaseLost(log, AgentId, stopping.Count);
        foreach (var attempt in stopping) { attempt.Cancellation.Cancel(CancelReason.LeaseLost); }
        register.ForgetParked(_ => true);
    }

    /// <summary>Takes no further offers, tells the handlers, and waits until they are done; true when all were.</summary>
    public async Task<bool> Drain(CancellationToken cancellationToken)
    {
        register.Drain();
        AgentLog.Draining(log, AgentId, register.Busy);
        await shutdown.CancelAsync();
        return await Finished(Options.Grace, cancellationToken);
    }

    /// <summary>Says that no further offers are wanted.</summary>
    public Task SayDraining(CancellationToken cancellationToken) => voice.Send(
        Endpoints.Agents, new AgentDraining { AgentId = AgentId, Incarnation = Incarnation }, cancellationToken);

    /// <summary>Stops what still runs without reporting it, and waits a moment for the handlers to obey.</summary>
    public async Task<bool> Abandon(TimeSpan patience, CancellationToken cancellationToken)
    {
        foreach (var attempt in register.All()) { attempt.Drop(CancelReason.Shutdown); }
        return await Finished(patience, cancellationToken);
    }

    /// <summary>Says goodbye: what it still held goes to others at once.</summary>
    public async Task Leave(CancellationToken cancellationToken)
    {
        await voice.Send(
            Endpoints.Agents, new AgentLeft { AgentId = AgentId, Incarnation = Incarnation }, cancellationToken);
        AgentLog.Left(log, AgentId);
    }

    // Outside the consumer's execution context: its ambient state ends with the delivery, the work does not.
    private void Start(Attempt attempt)
    {
        using var _ = ExecutionContext.SuppressFlow();
        attempt.Completion = Task.Run(() => running.Run(attempt));
    }

    private async Task<bool> Finished(TimeSpan patience, CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(register.All().Select(attempt => attempt.Completion));
        await all.WaitAsync(patience, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return all.IsCompleted;
    }

    private long Microseconds() => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}

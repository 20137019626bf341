using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using A2A.Micro.AgentSdk.Attempts;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk;

/// <summary>One attempt at one task as its handler sees it: what is known, how to report, when to stop. Safe from any thread.</summary>
public sealed class TaskContext
{
    /// <summary>Longest resume token in bytes of UTF-8 (R13).</summary>
    public const int ResumeTokenMax = 64 * 1024;

    private readonly OfferTask offer;
    private readonly Cancellation cancellation;
    private readonly Dialogue dialogue;
    private readonly ITaskReports reports;
    private readonly Lock gate = new();
    private double reached;

    internal TaskContext(
        OfferTask offer, Cancellation cancellation, Dialogue dialogue, ITaskReports reports, CancellationToken shutdown)
    {
        (this.offer, this.cancellation, this.dialogue, this.reports, ShutdownToken) =
            (offer, cancellation, dialogue, reports, shutdown);
        Children = new Children(offer, cancellation, dialogue, reports);
        State = new SharedValues(offer.TaskId, offer.AgentId, cancellation, reports);
    }

    /// <summary>The task; the same over all attempts, so the key for outside effects.</summary>
    public string TaskId => offer.TaskId;

    /// <summary>Which attempt this is: a fencing token for stores that accept one (G5).</summary>
    public int Attempt => offer.Attempt;

    /// <summary>The agent that works.</summary>
    public string AgentId => offer.AgentId;

    /// <summary>The type that was asked for; of interest where a handler covers a pattern.</summary>
    public string TaskType => offer.TaskType;

    /// <summary>The work must be finished by then; the SDK cancels it when it is not.</summary>
    public DateTimeOffset? Deadline => offer.Deadline;

    /// <summary>Free context of the submitter; names that begin with <c>a2a.</c> are the system's.</summary>
    public JsonElement? Metadata => offer.Metadata;

    /// <summary>
    /// Why attempts before this one came to nothing, oldest first: a line for each rejection, failure and lost agent, the last ten. Empty in a
    /// first attempt.
    /// </summary>
    public IReadOnlyList<string> EarlierErrors => AttemptMetadata.Errors(offer.Metadata);

    /// <summary>What is reserved for this attempt.</summary>
    public Requirements? Requirements => offer.Requirements;

    /// <summary>
    /// What to send as the header <c>A2A-Task-Grant</c>, beside this agent's own API key, to hand in children of this task over HTTP and to read what
    /// became of them; null where the installation makes none. Good as long as this attempt; nothing else opens with it.
    /// </summary>
    public string? Grant => offer.Grant;

    /// <summary>Gives parts of the work to other agents, and waits for what they come to.</summary>
    public Children Children { get; }

    /// <summary>What agents and attempts share under the name of this task, changed by compare and set.</summary>
    public SharedValues State { get; }

    /// <summary>The GPUs that are reserved for this attempt and no other, as the agent named them; empty when it asked for none.</summary>
    public IReadOnlyList<string> GpuIds => offer.GpuIds ?? [];

    /// <summary>What a child process must find in its environment to see these GPUs and no others: <c>CUDA_VISIBLE_DEVICES</c>.</summary>
    public IReadOnlyDictionary<string, string> DeviceEnvironment =>
        new Dictionary<string, string>(StringComparer.Ordinal) { ["CUDA_VISIBLE_DEVICES"] = string.Join(',', GpuIds) };

    /// <summary>Lets a child process see the GPUs of this attempt and no others.</summary>
    public void ShareDevices(ProcessStartInfo child)
    {
        ArgumentNullException.ThrowIfNull(child);
        foreach (var (name, value) in DeviceEnvironment) { child.Environment[name] = value; }
    }

    /// <summary>Fires when the work must stop; <see cref="CancelReason"/> says why.</summary>
    public CancellationToken CancellationToken => cancellation.Token;

    /// <summary>Why the work must stop; <see cref="CancelReason.None"/> while it need not.</summary>
    public CancelReason CancelReason => cancellation.Reason;

    /// <summary>
    /// Where to go on from: the last token that an attempt at this task saved; null: from the start. It may be the token of another agent's
    /// attempt, or one that the submitter chose: check it like any other input, and begin again when it is of no use.
    /// </summary>
    public string? ResumeToken => offer.ResumeToken;

    /// <summary>
    /// Fires when the work shall pause: go on to the next place where you can stop, then call <see cref="PauseAt"/>. Whoever has not stopped
    /// within the grace (30 s unless the operator says otherwise) is stopped hard, and the last checkpoint counts.
    /// </summary>
    public CancellationToken PauseToken => dialogue.PauseToken;

    /// <summary>Whether the work shall pause.</summary>
    public bool PauseRequested => dialogue.PauseToken.IsCancellationRequested;

    /// <summary>Fires when the process is asked to end: a good moment for a checkpoint. The work may go on for the grace.</summary>
    public CancellationToken ShutdownToken { get; }

    /// <summary>
    /// Says how far the work is. Cheap, never waits and never fails because of the bus: only the newest value is kept, and sent
    /// at most four times a second. A value below the last one counts as the last one (R5).
    /// </summary>
    /// <param name="fraction">0..1.</param>
    /// <param name="message">What the agent is doing, for a person; cut at 2 kB.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is not within 0..1.</exception>
    public void Progress(double fraction, string? message = null)
    {
        CheckFraction(fraction, nameof(fraction));
        lock (gate)
        {
            reached = Math.Max(reached, fraction);
            reports.Progress(reached, message is null ? null : Text.Cut(message));
        }
    }

    /// <summary>Hands over a part of the result, and where another attempt may go on from. Waits until it is sent.</summary>
    /// <param name="data">What there is so far; at most 1 MiB as JSON.</param>
    /// <param name="portion">How much of the whole it is, 0..1.</param>
    /// <param name="resumeToken">Opaque, at most 64 KiB (R13).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="portion"/> is not within 0..1.</exception>
    /// <exception cref="ArgumentException">The data or the token is over its limit.</exception>
    public Task Partial(object data, double portion, string? resumeToken = null)
    {
        CheckFraction(portion, nameof(portion));
        CheckToken(resumeToken, nameof(resumeToken));
        return HandlerJson.TryWrite(data, data.GetType(), out var element)
            ? reports.Partial(element, portion, resumeToken, CancellationToken)
            : throw new ArgumentException("the partial result is over 1 MiB", nameof(data));
    }

    /// <summary>
    /// Saves where another attempt may go on from, after a pause, a failure or the loss of this agent. Waits until it is sent. Whatever the
    /// token points to must be safe before: a file that was flushed to the disk, a row that was committed.
    /// </summary>
    /// <param name="resumeToken">Opaque, at most 64 KiB.</param>
    /// <param name="portion">How much is done, 0..1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="portion"/> is not within 0..1.</exception>
    /// <exception cref="ArgumentException">The token is over its limit.</exception>
    public Task Checkpoint(string resumeToken, double portion)
    {
        CheckFraction(portion, nameof(portion));
        CheckToken(resumeToken, nameof(resumeToken));
        return reports.Partial(null, portion, resumeToken, CancellationToken);
    }

    /// <summary>Stops here on request: leaves the handler with <see cref="TaskPausedException"/>, which nobody must catch.</summary>
    /// <param name="resumeToken">Where to go on from; null: from the last checkpoint, or from the start when there is none.</param>
    /// <param name="portion">How much is done, 0..1.</param>
    /// <exception cref="TaskPausedException">Always.</exception>
    [DoesNotReturn]
    public void PauseAt(string? resumeToken, double portion)
    {
        CheckFraction(portion, nameof(portion));
        CheckToken(resumeToken, nameof(resumeToken));
        lock (gate) { throw new TaskPausedException(resumeToken, Math.Max(reached, portion)); }
    }

    /// <summary>
    /// Asks the submitter and waits for the answer, within the deadline; the slot stays taken. What was answered in an earlier attempt is known
    /// at once, so a handler that starts again asks again and goes on. One question at a time. What is answered to a question that is
    /// <c>Sensitive</c>, as those of the kind <c>auth</c> are unless they say otherwise, is sealed on its way.
    /// </summary>
    /// <param name="question">What is asked; its key names the question within the task.</param>
    /// <exception cref="ArgumentException">The key is not 1..64 of <c>[A-Za-z0-9._-]</c>.</exception>
    public async Task<JsonElement> Ask(InputQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (!TaskRules.IsAgentId(question.Key)) { throw new ArgumentException("a key has 1 to 64 of A-Z a-z 0-9 . _ -", nameof(question)); }
        await dialogue.Turn.WaitAsync(CancellationToken);
        try
        {
            var answer = dialogue.AnswerTo(question.Key);
            if (!answer.IsCompleted) { await reports.Ask(Worded(question), CancellationToken); }
            return await answer.WaitAsync(CancellationToken);
        }
        finally
        {
            _ = dialogue.Turn.Release();
        }
    }

    /// <summary>Asks for a value of this type; its JSON Schema goes with the question.</summary>
    /// <param name="key">Names the question within the task, 1..64 of <c>[A-Za-z0-9._-]</c>.</param>
    /// <param name="question">For a person; cut at 2 kB.</param>
    /// <param name="inputKind">What kind of answer is wanted: <c>text</c>, <c>choice</c>, <c>form</c>, <c>auth</c>, ...</param>
    /// <exception cref="TaskFailedException">The answer does not fit: <c>INVALID_INPUT</c>, final.</exception>
    public async Task<T> Ask<T>(string key, string question, string inputKind = "form")
    {
        var answer = await Ask(new InputQuestion
        {
            Key = key,
            Question = question,
            InputKind = inputKind,
            Schema = HandlerJson.Schema(typeof(T)),
            Sensitive = HandlerJson.Secrets(typeof(T)).Count > 0 ? true : null,
        });
        try
        {
            return HandlerJson.Read<T>(answer);
        }
        catch (TaskRejectedException wrong)
        {
            throw new TaskFailedException("INVALID_INPUT", $"the answer to '{key}' does not fit: {wrong.Message}", retryable: false);
        }
    }

    /// <summary>Runs blocking or CPU-bound work on a thread of its own, so that heartbeats and other tasks are not starved.</summary>
    public Task<T> OnOwnThread<T>(Func<CancellationToken, T> work)
    {
        var token = CancellationToken;
        return Task.Factory.StartNew(() => work(token), token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    // Whoever asks for a credential asks for a secret.
    private static InputQuestion Worded(InputQuestion question) => question with
    {
        Question = Text.Cut(question.Question),
        Sensitive = question.Sensitive ?? (question.InputKind == "auth" ? true : null),
    };

    private static void CheckToken(string? token, string name)
    {
        if (token is not null && Encoding.UTF8.GetByteCount(token) > ResumeTokenMax)
        {
            throw new ArgumentException("the resume token is over 64 KiB", name);
        }
    }

    private static void CheckFraction(double value, string name)
    {
        if (value is not (>= 0 and <= 1)) { throw new ArgumentOutOfRangeException(name, value, "must be within 0..1"); }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk.Attempts;

/// <summary>
/// What is said to a running handler besides "stop": that it shall pause, the answers to its questions, and how its children ended.
/// </summary>
[SuppressMessage(
    "Design", "CA1001", Justification = "No timer, no wait handle; and a late pause must not meet a disposed source.")]
internal sealed class Dialogue
{
    private readonly CancellationTokenSource pause = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> answers = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<DependencySettled>> ends = new(StringComparer.Ordinal);

    /// <param name="inputs">Answers that earlier attempts got: an object with one member per key.</param>
    public Dialogue(JsonElement? inputs)
    {
        if (inputs is not { ValueKind: JsonValueKind.Object } known) { return; }
        foreach (var input in known.EnumerateObject()) { Answer(input.Name, input.Value.Clone()); }
    }

    public CancellationToken PauseToken => pause.Token;

    /// <summary>One question at a time: the Scheduler knows one open question per task.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>Asks it to pause; callbacks of the handler run elsewhere.</summary>
    public Task AskToPause() => pause.CancelAsync();

    /// <summary>The answer; completes when it comes.</summary>
    public Task<JsonElement> AnswerTo(string key) => Slot(key).Task;

    /// <summary>Gives an answer; the first one counts.</summary>
    public void Answer(string key, JsonElement input) => Slot(key).TrySetResult(input);

    /// <summary>How a child ended; completes when that is said.</summary>
    public Task<DependencySettled> EndOf(string childId) => End(childId).Task;

    /// <summary>Says how a child ended; the first word counts.</summary>
    public void Tell(DependencySettled word) => End(word.DependencyId).TrySetResult(word);

    private TaskCompletionSource<DependencySettled> End(string childId) =>
        ends.GetOrAdd(childId, _ => new TaskCompletionSource<DependencySettled>(TaskCreationOptions.RunContinuationsAsynchronously));

    private TaskCompletionSource<JsonElement> Slot(string key) =>
        answers.GetOrAdd(key, _ => new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously));
}

using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Dependencies;

/// <summary>What a task does for those that wait for it: remember them, and tell them. Pure.</summary>
public static class Watching
{
    /// <summary>
    /// Most that one task remembers. Whoever comes after them learns of the end by asking again, which every waiting task does.
    /// </summary>
    public const int WatchersMax = 2000;

    private const int AgentsMax = 16;

    // One step may have many to tell: the parts of a result that they want must still fit into one commit.
    private const int ToldBytesMax = 1024 * 1024;

    /// <summary>Somebody asks: the answer if there is one, else who is to be told.</summary>
    public static (IReadOnlyList<Watcher> Watchers, DependencySettled? Answer) Ask(TaskSaga saga, WatchDependency asked)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(asked);
        var watcher = new Watcher
        {
            DependentId = asked.DependentId,
            Since = asked.WaitingSince,
            UntilStarted = asked.UntilStarted,
            Outputs = asked.Outputs,
            AgentId = TaskRules.IsAgentId(asked.AgentId) ? asked.AgentId : null,
            Attempt = asked.Attempt,
        };
        if (IsSettledFor(saga, watcher)) { return (saga.Watchers, Word(saga, watcher, new Source(saga), int.MaxValue)); }
        if (saga.Watchers.FirstOrDefault(watcher.IsSame) is { } known)
        {
            // The attempt of today takes the place of the one before, whose agent may be no more.
            return (watcher.Attempt > known.Attempt ? [.. saga.Watchers.Select(each => each == known ? watcher : each)] : saga.Watchers, null);
        }

        // An agent asks once, so it always finds a place; there is one of them for each task that has it as a child.
        var most = watcher.AgentId is null ? WatchersMax : WatchersMax + AgentsMax;
        return (saga.Watchers.Count < most ? [.. saga.Watchers, watcher] : saga.Watchers, null);
    }

    /// <summary>The task has begun or ended: who goes on waiting, and what the others are told.</summary>
    public static (IReadOnlyList<Watcher> Watchers, IReadOnlyList<DependencySettled> Words) Tell(TaskSaga saga)
    {
        ArgumentNullException.ThrowIfNull(saga);
        if (saga.Watchers.Count == 0) { return (saga.Watchers, []); }
        var (source, words, left) = (new Source(saga), new List<DependencySettled>(), ToldBytesMax);
        foreach (var watcher in saga.Watchers.Where(watcher => IsSettledFor(saga, watcher)))
        {
            var word = Word(saga, watcher, source, left);
            left -= word.Outputs?.Values.Sum(value => Encoding.UTF8.GetByteCount(value.GetRawText())) ?? 0;
            words.Add(word);
        }

        return ([.. saga.Watchers.Where(watcher => !IsSettledFor(saga, watcher))], words);
    }

    /// <summary>Time has passed for a task that nobody has submitted: who has waited long enough, and what they are told.</summary>
    public static (IReadOnlyList<Watcher> Watchers, IReadOnlyList<DependencySettled> Words) GiveUp(
        TaskSaga saga, DateTimeOffset now, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(saga);
        bool IsOver(Watcher watcher) => watcher.Since + patience <= now;
        return ([.. saga.Watchers.Where(watcher => !IsOver(watcher))],
            [.. saga.Watchers.Where(IsOver).Select(watcher => Blank(saga, watcher))]);
    }

    /// <summary>When the next of those who wait for an unknown task has waited long enough; null when nobody waits.</summary>
    public static DateTimeOffset? Patience(IReadOnlyList<Watcher> watchers, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(watchers);
        return watchers.Count == 0 ? null : watchers.Min(watcher => watcher.Since) + patience;
    }

    /// <summary>The result as it is kept for those who come later; null when it is too large to take parts from.</summary>
    public static string? Keep(JsonElement? result) =>
        result?.GetRawText() is { } text && Encoding.UTF8.GetByteCount(text) <= DependencyRules.PassedBytesMax ? text : null;

    internal static int Bytes(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).Length;

    // Children hear of the end in their own way.
    private static bool IsSettledFor(TaskSaga saga, Watcher watcher) =>
        !watcher.AsChild && (IsTerminal(saga) || (watcher.UntilStarted && HasStarted(saga)));

    private static DependencySettled Blank(TaskSaga saga, Watcher watcher) => new()
    {
        TaskId = watcher.DependentId,
        DependencyId = saga.TaskId,
        AgentId = watcher.AgentId,
        Attempt = watcher.Attempt,
    };

    internal static bool IsTerminal(TaskSaga saga) => WireWord.TryParse<TaskState>(saga.State, out var state) && state.IsTerminal();

    // A result may overtake the acceptance: who has failed by its handler, or completed, had begun.
    private static bool HasStarted(TaskSaga saga) => saga.HasStarted || saga.Failures > 0 || saga.State == TaskState.Completed.Word();

    private static DependencySettled Word(TaskSaga saga, Watcher watcher, Source source, int bytesLeft)
    {
        var word = Blank(saga, watcher) with
        {
            State = IsTerminal(saga) ? WireWord.Parse<TaskState>(saga.State) : TaskState.Running,
            HasStarted = HasStarted(saga),
            Error = watcher.AgentId is null ? null : saga.Error,
        };
        if (watcher.Outputs is not { } wanted) { return word; }
        var outputs = source.Parts(wanted, watcher.AgentId is not null);
        return outputs.Values.Sum(value => Encoding.UTF8.GetByteCount(value.GetRawText())) <= bytesLeft
            ? word with { Outputs = outputs, Detail = outputs.Count == 0 ? source.Lack : null }
            : word;
    }

    /// <summary>A result, read at most once for all who want parts of it.</summary>
    private sealed class Source(TaskSaga saga)
    {
        private readonly JsonElement? _result = saga.Result is { } text ? JsonElement.Parse(text) : null;

        private bool IsReference => PayloadReference.Of(_result) is not null;

        public string? Lack => saga.State == TaskState.Completed.Word() && (saga.HasLargeResult || IsReference)
            ? $"ended completed with a result of more than {DependencyRules.PassedBytesMax} bytes, from which no parts are taken"
            : null;

        /// <summary>Parts of the result. Of one that travels by reference there are none; an agent is handed the whole, and fetches it.</summary>
        public Dictionary<string, JsonElement> Parts(IReadOnlyList<string> wanted, bool forAgent)
        {
            var parts = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            if (IsReference && !forAgent) { return parts; }
            foreach (var pointer in wanted)
            {
                if (_result is { } result && JsonPointer.Find(result, pointer) is { } part
                    && ParameterMap.Depth(part) <= DependencyRules.PassedDepthMax)
                {
                    parts[pointer] = part;
                }
            }

            return parts;
        }
    }
}

using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Payloads;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Scheduler.Distribution;
using A2A.Micro.Scheduler.Tasks;

namespace A2A.Micro.Scheduler.Dependencies;

/// <summary>
/// When may a task that waits for others, or for its time, start? Pure. The answer depends on what is known and never on the order in
/// which it became known, except that two dependencies which both end a task at once race for the words.
/// </summary>
public static class DependencyVerdicts
{
    private const int NamedMax = 5;
    private static readonly TimeSpan AskAgainMax = TimeSpan.FromHours(1);

    /// <summary>Whether the task waits for dependencies or for its time, and neither out a back-off nor for an operator.</summary>
    public static bool IsWaiting(TaskSaga saga)
    {
        ArgumentNullException.ThrowIfNull(saga);
        return saga.State == TaskState.Blocked.Word() && saga.Phase.Length == 0 && !saga.Held;
    }

    /// <summary>Dependencies of which nothing is known yet.</summary>
    public static IEnumerable<Dependency> Open(TaskSaga saga)
    {
        ArgumentNullException.ThrowIfNull(saga);
        return saga.Task.Dependencies.Where(dependency => saga.Settled.All(known => known.TaskId != dependency.TaskId));
    }

    /// <summary>A submission that keeps the rules: does it start at once?</summary>
    public static Judgement OfSubmission(TaskSaga saga, DateTimeOffset now, TimeSpan askAgain)
    {
        ArgumentNullException.ThrowIfNull(saga);
        return saga.Cycle is { } cycle ? Closes(cycle) : Weigh(saga, saga.Settled, now, askAgain);
    }

    /// <summary>A dependency has ended, has begun, or never came.</summary>
    public static Judgement OfSettled(TaskSaga saga, DependencySettled settled, DateTimeOffset now, TimeSpan askAgain)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(settled);
        if (settled.DependencyId == saga.Task.ParentTaskId) { return OfParent(saga, settled, now, askAgain); }
        if (!IsWaiting(saga) || Open(saga).FirstOrDefault(open => open.TaskId == settled.DependencyId) is not { } dependency)
        {
            return Judgement.No(RefusalReason.Repeated);
        }

        if (Meaning(dependency, settled) is not { } meaning) { return new Judgement(Verdict.Inquire); }
        var judgement = Weigh(saga, [.. saga.Settled, meaning], now, askAgain);
        return judgement with { Cause = judgement.Cause with { Dependencies = [meaning.View(dependency)] } };
    }

    /// <summary>The parent takes it in, or does not; one that does not exist is silent for long enough.</summary>
    public static Judgement OfParent(TaskSaga saga, DependencySettled word, DateTimeOffset now, TimeSpan askAgain)
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentNullException.ThrowIfNull(word);
        return !IsWaiting(saga) || Family.HasPlace(saga) ? Judgement.No(RefusalReason.Repeated)
            : word.Depth is >= 1 and <= FamilyRules.DepthMax and { } depth
                ? OnBehalf(saga, word, Weigh(saga, saga.Settled, now, askAgain, hasPlace: true) with
                {
                    Depth = depth,
                    RootId = word.RootId,
                    Seal = Shared(saga, word),
                })
            : Orphan(word.Detail ?? $"its parent {saga.Task.ParentTaskId} did not appear in time");
    }

    // Only who works on the parent knows its secrets, and may hand them on.
    private static TaskSeal? Shared(TaskSaga saga, DependencySettled word) =>
        word.SealedBy is { } agent && agent == saga.Task.RequesterAgentId ? word.Seal : null;

    // A child that an agent handed in says nothing of its own: it is done on behalf of who its parent is done for. What a caller handed in is the caller's.
    private static Judgement OnBehalf(TaskSaga saga, DependencySettled word, Judgement judgement)
    {
        if (word.OnBehalf is null || MetadataRules.OnBehalf(saga.Asked.Metadata) is not null) { return judgement; }
        var metadata = MetadataRules.DoneOnBehalf(saga.Asked.Metadata, word.OnBehalf.Value);
        return judgement with
        {
            Metadata = metadata,
            Cause = judgement.Cause with { Amendment = new TaskAmendment { Metadata = metadata, Parameters = saga.Task.Parameters } },
        };
    }

    /// <summary>A blocked task was woken: its deadline, its back-off, its time, or the hour to ask again.</summary>
    /// <param name="saga">The task.</param>
    /// <param name="now">The store's clock.</param>
    /// <param name="defaults">What happens after a failed attempt.</param>
    /// <param name="askAgain">Silence after which it asks again.</param>
    /// <param name="patience">How long it waits to be taken in.</param>
    public static Judgement OfTime(TaskSaga saga, DateTimeOffset now, RetryDefaults defaults, TimeSpan askAgain, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(saga);
        var judgement = Verdicts.OfTime(saga, now, defaults);
        if (judgement.Verdict != Verdict.Requeue || !IsWaiting(saga)) { return judgement; }
        if (!Family.HasPlace(saga) && saga.CreatedAt + patience <= now)
        {
            return Orphan($"its parent {saga.Task.ParentTaskId} did not take it in in time: it waits itself, perhaps for this task");
        }

        return saga.Cycle is { } cycle ? Closes(cycle) : Weigh(saga, saga.Settled, now, askAgain);
    }

    /// <summary>
    /// A task comes back from a pause or a hold: to the line, or to what it waited for. What became known meanwhile was not heard; it is asked
    /// for again.
    /// </summary>
    public static Judgement OfReturn(TaskSaga saga, DateTimeOffset now, TimeSpan askAgain, Cause cause)
    {
        ArgumentNullException.ThrowIfNull(saga);
        var judgement = Weigh(saga, saga.Settled, now, askAgain);
        return judgement.Verdict == Verdict.Proceed ? judgement with { Cause = cause } : judgement;
    }

    /// <summary>Somebody releases a task whose dependency came to nothing: that dependency no longer counts.</summary>
    public static Judgement OfRelease(TaskSaga saga, DateTimeOffset now, TimeSpan askAgain)
    {
        ArgumentNullException.ThrowIfNull(saga);
        var settled = saga.Settled
            .Select(known => known.Outcome == DependencyOutcome.Unsatisfied ? known with { Outcome = DependencyOutcome.Released } : known)
            .ToList();
        var judgement = Weigh(saga, settled, now, askAgain);
        var views = saga.Task.Dependencies.Join(
            settled.Where(known => !saga.Settled.Contains(known)), one => one.TaskId, known => known.TaskId, (one, known) => known.View(one));
        return judgement with { Cause = judgement.Cause with { Dependencies = [.. views] } };
    }

    /// <summary>Whether it is held because a dependency came to nothing, as it asked to be.</summary>
    public static bool IsHeld(TaskSaga saga) =>
        IsWaiting(saga) && saga.Settled.Any(known => known.Outcome == DependencyOutcome.Unsatisfied);

    /// <summary>What a dependency's word means for the one that waits; null: part of it has to be asked for.</summary>
    public static SettledDependency? Meaning(Dependency dependency, DependencySettled settled)
    {
        ArgumentNullException.ThrowIfNull(dependency);
        ArgumentNullException.ThrowIfNull(settled);
        if (!Holds(dependency.Condition, settled)) { return Unsatisfied(dependency, settled, How(settled)); }
        var satisfied = new SettledDependency { TaskId = dependency.TaskId, State = settled.State, Outcome = DependencyOutcome.Satisfied };
        if (dependency.Map is not { } map) { return satisfied; }
        if (settled.Outputs is not { } outputs) { return null; }
        if (map.Keys.FirstOrDefault(source => !outputs.ContainsKey(source)) is { } missing)
        {
            return Unsatisfied(dependency, settled, settled.Detail ?? $"{How(settled)} without a result that has something at '{missing}'");
        }

        return satisfied with { Values = map.ToDictionary(entry => entry.Value, entry => outputs[entry.Key], StringComparer.Ordinal) };
    }

    private static bool Holds(DependencyCondition condition, DependencySettled settled) => settled.State is { } state && condition switch
    {
        DependencyCondition.Success => state == TaskState.Completed,
        DependencyCondition.Failure => state.IsTerminal() && state != TaskState.Completed,
        DependencyCondition.Completion => state.IsTerminal(),
        DependencyCondition.Started => settled.HasStarted,
        _ => false,
    };

    private static SettledDependency Unsatisfied(Dependency dependency, DependencySettled settled, string detail) => new()
    {
        TaskId = dependency.TaskId,
        State = settled.State,
        Outcome = dependency.OnUnsatisfied == UnsatisfiedPolicy.Release ? DependencyOutcome.Released : DependencyOutcome.Unsatisfied,
        Detail = detail,
    };

    private static string How(DependencySettled settled) => settled.State switch
    {
        null => "did not appear in time",
        { } state when state.IsTerminal() && !settled.HasStarted => $"ended {state.Word()} before it started",
        { } state when state.IsTerminal() => $"ended {state.Word()}",
        { } state => $"is {state.Word()}",
    };

    private static Judgement Orphan(string reason) =>
        new(Verdict.Reject) { Cause = Verdicts.Ended(ErrorKind.Conflict, reason) };

    private static Judgement Weigh(
        TaskSaga saga, IReadOnlyList<SettledDependency> settled, DateTimeOffset now, TimeSpan askAgain, bool hasPlace = false)
    {
        var task = saga.Task;
        var broken = task.Dependencies
            .Select(dependency => (Dependency: dependency, Known: settled.FirstOrDefault(known => known.TaskId == dependency.TaskId)))
            .Where(pair => pair.Known?.Outcome == DependencyOutcome.Unsatisfied)
            .ToList();
        // In the order of the submission, so that it does not matter who was heard first among those that are known.
        var final = broken.FirstOrDefault(pair => pair.Dependency.OnUnsatisfied != UnsatisfiedPolicy.Hold);
        if (final.Known is not null)
        {
            var verdict = final.Dependency.OnUnsatisfied == UnsatisfiedPolicy.Skip ? Verdict.Cancel : Verdict.Fail;
            return new Judgement(verdict) { Settled = settled, Cause = Broken(broken) };
        }

        var open = task.Dependencies.Where(dependency => settled.All(known => known.TaskId != dependency.TaskId)).ToList();
        var early = task.NotBefore > now;
        var outside = !hasPlace && !Family.HasPlace(saga);
        if (open.Count == 0 && broken.Count == 0 && !early && !outside) { return Start(task, settled); }
        var alarms = new[]
        {
            early ? task.NotBefore - now : null,
            open.Count > 0 || outside ? Pause(now - saga.CreatedAt, askAgain) : (TimeSpan?)null,
        };
        return new Judgement(Verdict.Block)
        {
            Settled = settled,
            Cause = broken.Count > 0 ? Held(broken) : outside ? Outside(task) : open.Count > 0 ? Waiting(task, open) : Scheduled(task),
            WakeIn = alarms.Min(),
        };
    }

    private static Judgement Start(SubmitTask task, IReadOnlyList<SettledDependency> settled)
    {
        var values = settled.SelectMany(known => known.Values ?? new Dictionary<string, JsonElement>()).ToList();
        var without = settled.Select(known => known with { Values = null }).ToList();
        if (values.Count == 0) { return new Judgement(Verdict.Proceed) { Settled = without }; }
        if (PayloadReference.Of(task.Parameters) is { } large)
        {
            return new Judgement(Verdict.Fail)
            {
                Settled = without,
                Cause = Verdicts.Ended(ErrorKind.TooLarge, $"its parameters have {large.Bytes} bytes; dependencies pass something on to at most "
                    + $"{DependencyRules.PassedBytesMax} bytes of parameters"),
            };
        }

        var parameters = ParameterMap.Apply(task.Parameters, values)!.Value;
        var bytes = System.Text.Encoding.UTF8.GetByteCount(parameters.GetRawText());
        if (bytes <= DependencyRules.PassedBytesMax && ParameterMap.Depth(parameters) < WireJson.MaxDepth - 4)
        {
            return new Judgement(Verdict.Proceed) { Settled = without, Parameters = parameters };
        }

        var reason = $"with what its dependencies pass on, its parameters would have {bytes} bytes and nest {ParameterMap.Depth(parameters)} deep; "
            + $"at most {DependencyRules.PassedBytesMax} bytes and {WireJson.MaxDepth - 5} deep";
        return new Judgement(Verdict.Fail) { Settled = without, Cause = Verdicts.Ended(ErrorKind.TooLarge, reason) };
    }

    // Seldom needed: the answer comes by itself. Ever more seldom, so that a task that waits for a week costs nothing.
    private static TimeSpan Pause(TimeSpan waited, TimeSpan askAgain) =>
        waited < askAgain ? askAgain : waited < AskAgainMax ? waited : AskAgainMax > askAgain ? AskAgainMax : askAgain;

    private static Cause Waiting(SubmitTask task, List<Dependency> open)
    {
        var names = open.Take(NamedMax).Select(one =>
            one.Condition == DependencyCondition.Success ? one.TaskId : $"{one.TaskId} ({one.Condition.Word()})");
        var more = open.Count > NamedMax ? $" and {open.Count - NamedMax} more" : "";
        return new Cause
        {
            Code = "DEPENDENCY",
            Reason = $"It waits for {open.Count} of {task.Dependencies.Count} tasks: {string.Join(", ", names)}{more}.",
        };
    }

    private static Cause Outside(SubmitTask task) => new()
    {
        Code = "DEPENDENCY",
        Reason = $"It waits until its parent {task.ParentTaskId} takes it in.",
    };

    private static Cause Scheduled(SubmitTask task) => new()
    {
        Code = "SCHEDULED_LATER",
        Reason = $"It does not start before {UtcTimeConverter.Print(task.NotBefore!.Value)}.",
    };

    private static Cause Held(List<(Dependency Dependency, SettledDependency? Known)> broken) => new()
    {
        Code = "HELD",
        Reason = $"It is held, as it asked to be: {Sentence(broken[0])}.",
    };

    private static Cause Broken(List<(Dependency Dependency, SettledDependency? Known)> broken) => Verdicts.Ended(
        ErrorKind.DependencyUnsatisfied,
        Sentence(broken.First(one => one.Dependency.OnUnsatisfied != UnsatisfiedPolicy.Hold)),
        [.. broken.Select(Sentence)]);

    private static string Sentence((Dependency Dependency, SettledDependency? Known) pair) =>
        $"it waited for the {pair.Dependency.Condition.Word()} of {pair.Dependency.TaskId}, which {pair.Known!.Detail}";

    private static Judgement Closes(IReadOnlyList<string> cycle) => new(Verdict.Reject)
    {
        Cause = Verdicts.Ended(ErrorKind.Validation, "its dependencies close a cycle: " + string.Join(" -> ", cycle)),
    };
}

using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.StateSync.States;

/// <summary>Documents inside the process: for Standalone and for tests. Lost when the process ends.</summary>
public sealed class InMemoryStateStore(TimeProvider clock) : IStateStore, IStateQueries
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _children = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <inheritdoc />
    public Task<IReadOnlyList<StateAnswer>> Apply(IReadOnlyList<StateInput> inputs, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        lock (_lock) { return Task.FromResult<IReadOnlyList<StateAnswer>>([.. inputs.Select(input => Apply(input, now))]); }
    }

    /// <summary>All documents.</summary>
    public IReadOnlyList<TaskDocument> All()
    {
        lock (_lock) { return [.. _entries.Values.Select(entry => entry.Record.Document).OfType<TaskDocument>()]; }
    }

    /// <summary>The tasks of a type that ended last, the latest first.</summary>
    public IReadOnlyList<TaskDocument> LastEnded(string taskType, int limit)
    {
        lock (_lock)
        {
            return
            [
                .. _entries.Values.Select(entry => entry.Record.Document).OfType<TaskDocument>()
                    .Where(document => document.EndedAt is not null && document.TaskType == taskType)
                    .OrderByDescending(document => document.EndedAt)
                    .Take(limit),
            ];
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<StateGap>> Gaps(DateTimeOffset before, int limit, CancellationToken cancellation)
    {
        lock (_lock)
        {
            IReadOnlyList<StateGap> gaps =
            [
                .. _entries.Where(entry => entry.Value.EarlySince < before)
                    .Select(entry => new StateGap(
                        entry.Key, entry.Value.Record.Early.Keys.First(), entry.Value.EarlySince!.Value))
                    .OrderBy(gap => gap.Since).Take(limit),
            ];
            return Task.FromResult(gaps);
        }
    }

    /// <inheritdoc />
    public Task<int> DropReports(DateTimeOffset before, CancellationToken cancellation)
    {
        lock (_lock) { return Task.FromResult(_entries.Values.Sum(entry => entry.DropReports(before))); }
    }

    /// <inheritdoc />
    public Task<int> DropEnded(DateTimeOffset completedBefore, DateTimeOffset othersBefore, int limit, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var gone = _entries.Values.Select(entry => entry.Record.Document).OfType<TaskDocument>()
                .Where(document => document.EndedAt < (document.State == TaskState.Completed ? completedBefore : othersBefore))
                .OrderBy(document => document.EndedAt).Take(limit).ToList();
            foreach (var document in gone)
            {
                _ = _entries.Remove(document.TaskId);
                _ = _children.Remove(document.TaskId);
                if (document.ParentTaskId is { } parent && _children.TryGetValue(parent, out var siblings)) { _ = siblings.Remove(document.TaskId); }
            }

            return Task.FromResult(gone.Count);
        }
    }

    /// <inheritdoc />
    public Task<TaskDocument?> Find(string taskId, CancellationToken cancellation)
    {
        lock (_lock) { return Task.FromResult(_entries.GetValueOrDefault(taskId)?.Record.Document); }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskDocument>> Find(IReadOnlyList<string> taskIds, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<TaskDocument>>(
                [.. taskIds.Select(id => _entries.GetValueOrDefault(id)?.Record.Document).OfType<TaskDocument>()]);
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<TaskDocument>> Heads(IReadOnlyList<string> taskIds, CancellationToken cancellation) =>
        [.. (await Find(taskIds, cancellation).ConfigureAwait(false)).Select(DocumentRules.Head)];

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskChange>> History(
        string taskId, long afterVersion, int limit, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var changes = _entries.GetValueOrDefault(taskId)?.Changes ?? [];
            // Version n lies at index n - 1.
            IReadOnlyList<TaskChange> page =
            [
                .. changes.Skip((int)Math.Clamp(afterVersion, 0, changes.Count)).Take(limit).Select(change => change.Change),
            ];
            return Task.FromResult(page);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<TaskChange>> Partials(
        string taskId, long afterVersion, int limit, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var changes = _entries.GetValueOrDefault(taskId)?.Changes ?? [];
            IReadOnlyList<TaskChange> page =
            [
                .. changes.Select(change => change.Change)
                    .Where(change => change.Version > afterVersion && change.Kind == DocumentRules.Partial).Take(limit),
            ];
            return Task.FromResult(page);
        }
    }

    /// <inheritdoc />
    public Task<TaskPage> List(TaskFilter filter, CancellationToken cancellation)
    {
        List<TaskDocument> matching;
        lock (_lock)
        {
            matching =
            [
                .. _entries.Values.Select(entry => entry.Record.Document).OfType<TaskDocument>()
                    .Where(document => Matches(document, filter))
                    .OrderByDescending(document => document.UpdatedAt)
                    .ThenBy(document => document.TaskId, StringComparer.Ordinal)
                    .Take(Paging.Size(filter) + 1),
            ];
        }

        return Task.FromResult(Paging.Page(matching.ConvertAll(DocumentRules.Head), filter));
    }

    /// <inheritdoc />
    public async Task<TaskTree?> Tree(string taskId, int limit, CancellationToken cancellation)
    {
        var root = await Find(taskId, cancellation).ConfigureAwait(false);
        return root is null ? null : await TreeWalk.Read(root, limit, Children).ConfigureAwait(false);
    }

    private Task<IReadOnlyList<TaskDocument>> Children(IReadOnlyList<string> parents, int most)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<TaskDocument>>(
            [
                .. parents.SelectMany(parent => _children.GetValueOrDefault(parent) ?? [])
                    .Select(child => DocumentRules.Head(_entries[child].Record.Document!))
                    .OrderBy(child => child.CreatedAt).ThenBy(child => child.TaskId, StringComparer.Ordinal)
                    .Take(most),
            ]);
        }
    }

    private StateAnswer Apply(StateInput input, DateTimeOffset now)
    {
        var entry = _entries.GetValueOrDefault(input.TaskId) ?? new Entry();
        var outcome = StateRules.Apply(entry.Record, input, now);
        if (!ReferenceEquals(outcome.Record, entry.Record)) { _entries[input.TaskId] = entry; }
        if (entry.Record.Document is null && outcome.Record.Document is { ParentTaskId: { } parent } child)
        {
            if (!_children.TryGetValue(parent, out var siblings)) { _children[parent] = siblings = []; }
            siblings.Add(child.TaskId);
        }

        entry.Keep(outcome, now);
        return StateAnswer.Of(outcome, entry.Again(outcome.RepeatedSequence));
    }

    private static bool Matches(TaskDocument document, TaskFilter filter) =>
        TenantNames.TenantOf(document.TaskId) == filter.Tenant
        && (filter.States.Count == 0 || filter.States.Contains(document.State))
        && (filter.TaskType is not { } pattern || TypePattern.Covers(pattern, document.TaskType))
        && (filter.RequesterAgentId is not { } requester || document.RequesterAgentId == requester)
        && (filter.ParentTaskId is not { } parent || document.ParentTaskId == parent)
        && (filter.After is not { } after || Paging.IsBehind(document, after))
        && IsNarrow(document, filter);

    private static bool IsNarrow(TaskDocument document, TaskFilter filter) =>
        (filter.TaskTypes.Count == 0 || filter.TaskTypes.Contains(document.TaskType))
        && (filter.AgentId is not { } agent || document.AgentId == agent)
        && (filter.Priority is not { } priority || document.Priority == priority)
        && !(document.CreatedAt < filter.CreatedAfter) && !(document.CreatedAt >= filter.CreatedBefore)
        && !(document.UpdatedAt < filter.UpdatedAfter) && !(document.UpdatedAt >= filter.UpdatedBefore)
        && (filter.Labels.Count == 0 || !filter.Labels.Except(TaskLabels.Of(document.Metadata)).Any());

    private sealed class Entry
    {
        private readonly Dictionary<long, DateTimeOffset> _since = [];
        private readonly Dictionary<long, DateTimeOffset> _partialsSince = [];
        private DateTimeOffset _statusSince;

        public TaskRecord Record { get; private set; } = TaskRecord.Empty;

        public List<NumberedChange> Changes { get; } = [];

        public DateTimeOffset? EarlySince => _since.Count == 0 ? null : _since.Values.Min();

        public void Keep(StateOutcome outcome, DateTimeOffset now)
        {
            var (before, after) = (Record, outcome.Record);
            Record = after;
            // A version that was missing is put where it belongs.
            foreach (var change in outcome.Changes) { Changes.Insert((int)Math.Min(change.Change.Version - 1, Changes.Count), change); }
            Follow(_since, after.Early.Keys, now);
            Follow(_partialsSince, after.EarlyPartials.InOrder.Select(early => early.Key), now);
            if (!ReferenceEquals(before.EarlyStatus, after.EarlyStatus)) { _statusSince = now; }
        }

        public IReadOnlyList<StateChanged> Again(long? sequence)
        {
            if (sequence is null || Changes.Find(change => change.Sequence == sequence) is not { } first) { return []; }
            return
            [
                .. Changes.Select(change => change.Change)
                    .Where(change => change.At == first.Change.At && change.Version >= first.Change.Version)
                    .Select(change => new StateChanged
                    {
                        TaskId = change.TaskId,
                        Version = change.Version,
                        Timestamp = change.At,
                        State = change.State,
                    }),
            ];
        }

        public int DropReports(DateTimeOffset before)
        {
            var dropped = 0;
            if (Record.EarlyStatus is not null && _statusSince < before)
            {
                Record = Record with { EarlyStatus = null };
                dropped++;
            }

            foreach (var (key, _) in _partialsSince.Where(since => since.Value < before).ToList())
            {
                Record = Record with { EarlyPartials = Record.EarlyPartials.Without(key) };
                _ = _partialsSince.Remove(key);
                dropped++;
            }

            return dropped;
        }

        private static void Follow(Dictionary<long, DateTimeOffset> since, IEnumerable<long> waiting, DateTimeOffset now)
        {
            var keys = waiting.ToHashSet();
            foreach (var gone in since.Keys.Where(key => !keys.Contains(key)).ToList()) { _ = since.Remove(gone); }
            foreach (var key in keys) { _ = since.TryAdd(key, now); }
        }
    }
}

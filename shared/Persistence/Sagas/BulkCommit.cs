using A2A.Micro.Persistence.Lanes;
using A2A.Micro.Persistence.Outbox;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Persistence.Sagas;

/// <summary>
/// What the entries of one bulk did to their sagas, committed at once, and what they say, sent at once. Entries of the same saga stand on each
/// other's shoulders: each finds the saga as the one before left it, and all of them are one commit of that saga, however many they are.
/// </summary>
/// <remarks>
/// Theory of operation. An entry ends its way through the pipeline here. Those that find their saga in memory do so without a wait and
/// are the first round; those that have to read it come later, and whoever comes while a round is being committed is in the next. An entry whose
/// saga is in the round under way takes it as that round would leave it. Should that commit be refused, all that stands on it goes its way again.
/// </remarks>
internal sealed partial class BulkCommit<TSaga>(ISagaStore<TSaga> store, ILane lane, ILogger log) : IBulkCommit
    where TSaga : SagaRow
{
    private readonly Lock _gate = new();
    private Round _open = new();
    private Round? _underWay;

    /// <summary>The saga as the last entry of this bulk left it; null when none has changed it lately.</summary>
    public Loaded<TSaga>? Find(Guid sagaId)
    {
        lock (_gate)
        {
            if (_open.Chains.TryGetValue(sagaId, out var chain)) { return new Loaded<TSaga>(chain.HandOut(), null); }
            if (_underWay?.Chains.TryGetValue(sagaId, out var before) != true) { return null; }
            chain = _open.Chains[sagaId] = before!.Next();
            return new Loaded<TSaga>(chain.HandOut(), null);
        }
    }

    /// <summary>
    /// Takes a unit with what it says; false when another entry changed its saga meanwhile, or the round has gone in which it found it. One that stands on
    /// others of this bulk has then to begin anew: by itself its version may be right though they were refused, and it would bring back what they did.
    /// </summary>
    public bool TryJoin(UnitOfWork<TSaga> unit, IReadOnlyList<Outgoing> says, Type message, bool standsOnOthers)
    {
        lock (_gate)
        {
            if (unit.Changes && !_open.TryAdd(unit, standsOnOthers)) { return false; }
            _open.Parts.Add(new Part(unit, says, message));
            _ = _open.HasCome.TrySetResult();
            return true;
        }
    }

    /// <inheritdoc />
    public async Task<BulkOutcome> Run(Task entries, CancellationToken cancellation)
    {
        var (refused, broken) = (new HashSet<Guid>(), new HashSet<Guid>());
        while (true)
        {
            // In this order: whoever ends its way comes here first.
            var isLast = entries.IsCompleted;
            if (Take() is { } round) { await Commit(round, refused, broken, cancellation).ConfigureAwait(false); }
            else if (isLast) { break; }
            else { _ = await Task.WhenAny(entries, _open.HasCome.Task).ConfigureAwait(false); }
        }

        await entries.ConfigureAwait(false);
        return new BulkOutcome(refused, broken);
    }

    private Round? Take()
    {
        lock (_gate)
        {
            if (_open.Parts.Count == 0) { return null; }
            (_underWay, _open) = (_open, new Round());
            return _underWay;
        }
    }

    private async Task Commit(Round round, HashSet<Guid> refused, HashSet<Guid> broken, CancellationToken cancellation)
    {
        Chain[] chains = [.. round.Chains.Values.Where(chain => chain.Units.Count > 0)];
        try
        {
            refused.UnionWith(await Commit(round, chains, cancellation).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // whose fault it is, and how long to wait, shows when each goes through the pipeline alone
        catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogOneByOne(log, e, round.Parts.Count, typeof(TSaga).Name);
            broken.UnionWith(round.Parts.Select(part => part.Unit.MessageId));
            foreach (var chain in chains) { chain.IsLost = true; }
        }
        finally
        {
            lock (_gate) { _underWay = null; }
        }
    }

    private async Task<IReadOnlyCollection<Guid>> Commit(Round round, Chain[] chains, CancellationToken cancellation)
    {
        Chain[] sound = [.. chains.Where(chain => !chain.IsLost)];
        Reach("saga.before-commit", round);
        var committed = sound.Length == 0
            ? []
            : await store.Commit([.. sound.Select(chain => chain.Unit())], cancellation).ConfigureAwait(false);
        Reach("saga.after-commit", round);
        foreach (var chain in sound.Where((_, i) => !committed[i])) { chain.IsLost = true; }
        HashSet<Guid> refused = [.. chains.Where(chain => chain.IsLost).SelectMany(chain => chain.Units).Select(unit => unit.MessageId)];
        Outgoing[] says = [.. round.Parts.Where(part => !refused.Contains(part.Unit.MessageId)).SelectMany(part => part.Says)];
        if (says.Length > 0) { await lane.Send(says, cancellation).ConfigureAwait(false); }
        Reach("saga.before-ack", round);
        return refused;
    }

    private static void Reach(string place, Round round)
    {
        if (!Failpoints.AreArmed) { return; }
        foreach (var part in round.Parts) { Failpoints.Hit(place, part.Message); }
    }

    [LoggerMessage(LogLevel.Warning, "the common commit of {Count} entries of a bulk for {Saga} failed; each goes alone")]
    private static partial void LogOneByOne(ILogger log, Exception exception, int count, string saga);

    private sealed record Part(UnitOfWork<TSaga> Unit, IReadOnlyList<Outgoing> Says, Type Message);

    private sealed class Round
    {
        public List<Part> Parts { get; } = [];

        public Dictionary<Guid, Chain> Chains { get; } = [];

        public TaskCompletionSource HasCome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool TryAdd(UnitOfWork<TSaga> unit, bool standsOnOthers)
        {
            var id = unit.Saga!.CorrelationId;
            if (Chains.TryGetValue(id, out var chain)) { return chain.TryAdd(unit); }
            if (standsOnOthers) { return false; }
            Chains[id] = new Chain(unit);
            return true;
        }
    }

    /// <summary>What the entries of one round did to one saga, each from where the one before it left off.</summary>
    private sealed class Chain
    {
        private readonly Chain? _before;
        private TSaga _saga;
        private TSaga? _handedOut;
        private bool _isLost;

        public Chain(UnitOfWork<TSaga> first) => (_saga, Units) = (first.Saga!, [first]);

        private Chain(Chain before, TSaga saga) => (_before, _saga, Units) = (before, saga, []);

        public List<UnitOfWork<TSaga>> Units { get; }

        /// <summary>Not written, or nobody knows: nothing that stands on it can be right, whatever the version that it would have had.</summary>
        public bool IsLost
        {
            get => _isLost || _before?.IsLost == true;
            set => _isLost = value;
        }

        /// <summary>What goes on from here while this is being committed.</summary>
        public Chain Next()
        {
            var saga = Settled();
            saga.Version++;
            return new Chain(this, saga);
        }

        public TSaga HandOut() => _handedOut = Settled();

        public bool TryAdd(UnitOfWork<TSaga> unit)
        {
            if (!ReferenceEquals(unit.Saga, _handedOut)) { return false; }
            _saga = unit.Saga!;
            Units.Add(unit);
            return true;
        }

        public UnitOfWork<TSaga> Unit() => Units.Count == 1 ? Units[0] : Units[^1].After(Units[..^1]);

        private TSaga Settled()
        {
            var saga = (TSaga)_saga.Copy();
            saga.Settle();
            return saga;
        }
    }
}

/// <summary>The end of a bulk's entries, whatever their saga.</summary>
internal interface IBulkCommit
{
    /// <summary>Commits and sends what comes until all entries have ended their way.</summary>
    Task<BulkOutcome> Run(Task entries, CancellationToken cancellation);
}

/// <summary>The messages that must go their way again.</summary>
/// <param name="Refused">Another commit of their saga came first, or one of them was here before.</param>
/// <param name="Broken">Nothing was committed, or not everything was sent.</param>
internal readonly record struct BulkOutcome(IReadOnlySet<Guid> Refused, IReadOnlySet<Guid> Broken);

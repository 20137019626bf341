namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>Dead letters inside the process; lost when it ends, as the queues of its bus are.</summary>
public sealed class InMemoryDeadLetterStore(TimeProvider clock) : IDeadLetterStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DeadLetterRow> _letters = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public Task Keep(DeadLetterRow letter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(letter);
        lock (_gate)
        {
            _letters[letter.LetterId] = _letters.TryGetValue(letter.LetterId, out var known) ? DeadLetterRules.Again(known, letter) : letter;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<DeadLetterRow?> Find(string letterId, CancellationToken cancellation)
    {
        lock (_gate) { return Task.FromResult(_letters.GetValueOrDefault(letterId)); }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<DeadLetterRow>> List(LetterFilter filter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(filter);
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<DeadLetterRow>>(
            [
                .. _letters.Values.Where(letter => Matches(letter, filter))
                    .OrderByDescending(letter => letter.ParkedAt).ThenBy(letter => letter.LetterId, StringComparer.Ordinal)
                    .Take(filter.Limit).Select(letter => letter with { Body = [] }),
            ]);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> Move(IReadOnlyList<LetterMove> moves, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(moves);
        var moved = new List<string>(moves.Count);
        lock (_gate)
        {
            foreach (var move in moves)
            {
                if (!_letters.TryGetValue(move.LetterId, out var letter) || !DeadLetterRules.MayMove(letter.State, move.To)) { continue; }
                _letters[move.LetterId] = letter with
                {
                    State = move.To,
                    ReplayAt = move.ReplayAt,
                    ResentAt = move.To == LetterState.Waiting ? null : letter.ResentAt,
                    Body = move.Body ?? letter.Body,
                    Edited = letter.Edited || move.Body is not null,
                    UpdatedAt = clock.GetUtcNow(),
                };
                moved.Add(move.LetterId);
            }
        }

        return Task.FromResult<IReadOnlyList<string>>(moved);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<DeadLetterRow>> TakeDue(int limit, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            var due = _letters.Values.Where(letter => letter.State == LetterState.Waiting && letter.ReplayAt <= now)
                .OrderBy(letter => letter.ReplayAt).Take(limit).ToList();
            foreach (var letter in due) { _letters[letter.LetterId] = letter with { ReplayAt = now + LetterDuty.ClaimFor }; }
            return Task.FromResult<IReadOnlyList<DeadLetterRow>>(due);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<DeadLetterRow>> Unjudged(string contract, int limit, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<DeadLetterRow>>(
            [
                .. _letters.Values.Where(letter => DeadLetterRules.MayJudge(letter, contract))
                    .OrderBy(letter => letter.ParkedAt).ThenBy(letter => letter.LetterId, StringComparer.Ordinal).Take(limit),
            ]);
        }
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<LetterVerdict>> Judge(string contract, IReadOnlyList<LetterVerdict> verdicts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(verdicts);
        var (now, step, written) = (clock.GetUtcNow(), TimeSpan.FromSeconds(1.0 / DeadLetterRules.RateDefault), new List<LetterVerdict>(verdicts.Count));
        lock (_gate)
        {
            var last = _letters.Values.Where(letter => letter.State is LetterState.Waiting or LetterState.Replayed).Max(letter => letter.ResentAt);
            var next = last is { } end && end + step > now ? end + step : now;
            foreach (var verdict in verdicts)
            {
                if (!_letters.TryGetValue(verdict.LetterId, out var letter) || !DeadLetterRules.MayJudge(letter, contract)) { continue; }
                var judged = letter with { JudgedAt = now, JudgedBy = contract, Judges = DeadLetterRules.Judged(letter.Judges, contract) };
                _letters[verdict.LetterId] = verdict.Fits
                    ? judged with { State = LetterState.Waiting, ReplayAt = next, ResentAt = next, UpdatedAt = now }
                    : judged;
                if (verdict.Fits) { next += step; }
                written.Add(verdict);
            }
        }

        return Task.FromResult<IReadOnlyList<LetterVerdict>>(written);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<LetterCount>> Count(CancellationToken cancellation)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<LetterCount>>(
            [
                .. _letters.Values.GroupBy(letter => (letter.Queue, letter.State))
                    .Select(group => new LetterCount(group.Key.Queue, group.Key.State, group.Count())),
            ]);
        }
    }

    /// <inheritdoc />
    public Task<int> Purge(TimeSpan age, int limit, CancellationToken cancellation)
    {
        var horizon = clock.GetUtcNow() - age;
        lock (_gate)
        {
            var old = _letters.Values.Where(letter => letter.State is LetterState.Replayed or LetterState.Discarded && letter.UpdatedAt < horizon)
                .Take(limit).ToList();
            foreach (var letter in old) { _ = _letters.Remove(letter.LetterId); }
            return Task.FromResult(old.Count);
        }
    }

    private static bool Matches(DeadLetterRow letter, LetterFilter filter) =>
        (filter.State is null || letter.State == filter.State)
        && (filter.Queue is null || letter.Queue == filter.Queue)
        && (filter.MessageType is null || letter.MessageType == filter.MessageType)
        && (filter.TaskId is null || letter.TaskId == filter.TaskId)
        && (filter.Error is null || letter.Error == filter.Error)
        && (filter.After is not var (at, id) || letter.ParkedAt < at
            || (letter.ParkedAt == at && string.CompareOrdinal(letter.LetterId, id) > 0));
}

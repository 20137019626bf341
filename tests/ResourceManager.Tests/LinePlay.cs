using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.ResourceManager.Policy;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>One play of <see cref="LineModelTests"/> on one agent: who comes, runs, makes room and comes again, second by second.</summary>
internal sealed class LinePlay(LineRules rules, string planted, Random random)
{
    private const int PauseS = 2, SweepS = 5;

    private readonly Pool _pool = new(TimeSpan.FromHours(24), rules);
    private readonly List<Start> _starts = [];
    private readonly Dictionary<AttemptKey, string> _asked = [];
    private readonly PriorityQueue<(Start Of, int Attempt), (int AtS, int Number)> _ends = new();
    private int _now, _sweep, _slots;

    public void Begin(int slots) => Announce(_slots = slots, 0);

    /// <summary>Somebody comes so many seconds after the one before.</summary>
    public void Join(LineModelTests.Comer comer, int number)
    {
        Until(_now + comer.AfterS);
        _starts.Add(new Start(comer, number, _now));
        Claim(_starts[^1]);
    }

    /// <summary>Nobody comes any more.</summary>
    public IReadOnlyList<Start> End()
    {
        Until(int.MaxValue / 2);
        return _starts;
    }

    private void Until(int end)
    {
        while (_ends.TryPeek(out _, out var next) && next.AtS <= end)
        {
            var (start, attempt) = _ends.Dequeue();
            // One that was asked to make room has ended before.
            if (start.Attempt != attempt || start.EndsS > next.AtS) { continue; }
            _now = next.AtS;
            if (_now >= _sweep)
            {
                _sweep = _now + SweepS;
                Do(new PoolOperation.Reap(TimeSpan.FromDays(365_000)), null);
            }

            Over(start);
        }

        _now = end;
    }

    private void Over(Start start)
    {
        var key = start.Key;
        (start.LeftS, start.Attempt) = (start.LeftS - (_now - start.SinceS), start.LeftS > _now - start.SinceS ? start.Attempt + 1 : 0);
        var waiting = _asked.TryGetValue(key, out var urgent) && _pool.Line.Find(Claims.Key(urgent)) is not null;
        Do(new PoolOperation.ReleaseRoom(key), start);
        if (waiting) { Assert.Null(_pool.Line.Find(Claims.Key(urgent!))); }
        if (start.Attempt > 0) { Claim(start); }
    }

    private void Claim(Start start)
    {
        var yields = planted == "nobody is asked whether it yields"
            || (start.Comer.Yields && (start.Asked < LineModelTests.PreemptionsMax || planted == "one yields for ever"));
        Do(new PoolOperation.ClaimRoom(Claims.Of(start.Task, start.Attempt) with
        {
            Requester = "r" + start.Comer.Requester,
            Placement = new Contracts.Tasks.PlacementRule { Preemptible = yields ? true : null },
            Line = Key(start.Key, start.Comer, start.Number, start.JoinedS, planted, random),
        }), null);
    }

    private void Do(PoolOperation operation, Start? gives)
    {
        var (before, kept) = (_pool.Use.ToDictionary(), _pool.Agents.GetValueOrDefault("a")?.Facts.Earmark);
        _ = _pool.Do(operation, Claims.Noon.AddSeconds(_now));
        var changes = _pool.TakeChanges();
        foreach (var entry in changes.Entries.Where(entry => entry.Delta.Slots > 0))
        {
            var (start, isMade) = (_starts.Single(one => one.Key == entry.Attempt), kept is { IsMade: true } made && made.Owner.Attempt == entry.Attempt);
            if (start.At is null) { (start.At, start.Turn, start.WasMade) = (_now, _starts.Count(one => one.At is not null), isMade); }
            (start.SinceS, start.EndsS) = (_now, _now + start.LeftS);
            _ends.Enqueue((start, start.Attempt), (start.EndsS, start.Number));
            if (gives is not null && !isMade) { IsFair(_pool, before, gives, start); }
        }

        foreach (var asked in changes.Sayings.Select(said => said.Message).OfType<PreemptAttempt>()) { Ask(asked); }
    }

    private void Ask(PreemptAttempt said)
    {
        var victim = _starts.Single(one => one.Task == said.TaskId);
        var urgent = _starts.Single(one => one.Task == said.ForTaskId);
        Assert.True(victim.Comer.Yields, "it did not say that it yields");
        Assert.True(urgent.Comer.Priority == LineModelTests.Critical && victim.Comer.Priority < urgent.Comer.Priority, "it is not urgent enough");
        Assert.True(_asked.TryAdd(victim.Key, urgent.Task), "it was asked twice");
        Assert.InRange(++victim.Asked, 1, LineModelTests.PreemptionsMax);
        victim.EndsS = Math.Min(victim.EndsS, _now + PauseS);
        _ends.Enqueue((victim, victim.Attempt), (victim.EndsS, victim.Number));
        // An agent of another size: nothing is kept there any more.
        if (planted == "what is made is given to others") { Announce(_slots, _asked.Count); }
    }

    private void Announce(int slots, long memoryMib) => Do(new PoolOperation.Announce(Claims.Agent("a", slots, memoryMib)), null);

    // Of those who stand less than the window behind the first, it is one who has least that gets what was given back.
    private static void IsFair(Pool pool, IReadOnlyDictionary<string, Quantities> before, Start ended, Start started)
    {
        long Had(string requester) => before.GetValueOrDefault(requester).Slots - (requester == "r" + ended.Comer.Requester ? 1 : 0);
        var got = Key(Claims.Key($"t{started.Number:000}"), started.Comer, started.Number, started.JoinedS, "", null).KeyUs;
        var first = pool.Line.Heads.Select(head => head.Line.KeyUs).Append(got).Min();
        Assert.DoesNotContain(pool.Line.Heads, head => head.Line.KeyUs < first + LineModelTests.Window.TotalMicroseconds
            && Had(head.Requester) < Had("r" + started.Comer.Requester));
    }

    private static LineKey Key(AttemptKey attempt, LineModelTests.Comer comer, int number, int joinedS, string planted, Random? coin) => planted switch
    {
        "the last comes first" => LineKey.Of(attempt, comer.Priority, Claims.Noon.AddSeconds(-joinedS).AddMilliseconds(-number), null, LineModelTests.Step),
        "waiting is worth nothing" => LineKey.Of(attempt, comer.Priority, Claims.Noon.AddSeconds(joinedS).AddMilliseconds(number), null, TimeSpan.FromDays(1)),
        "a coin decides" => LineKey.Of(attempt, 1 + coin!.Next(4), Claims.Noon.AddSeconds(coin.Next(joinedS + 1)), null, LineModelTests.Step),
        _ => LineKey.Of(attempt, comer.Priority, Claims.Noon.AddSeconds(joinedS).AddMilliseconds(number), null, LineModelTests.Step),
    };

    /// <summary>What has become of one who came.</summary>
    internal sealed class Start(LineModelTests.Comer comer, int number, int joinedS)
    {
        public LineModelTests.Comer Comer => comer;

        public int Number => number;

        public int JoinedS => joinedS;

        public string Task { get; } = $"t{number:000}";

        /// <summary>The attempt that waits or runs; 0: it is over.</summary>
        public int Attempt { get; set; } = 1;

        public AttemptKey Key => Claims.Key(Task, Attempt);

        /// <summary>When it began to run for the first time, and as the how many-th of all.</summary>
        public int? At { get; set; }

        public int Turn { get; set; }

        /// <summary>Room was made for it.</summary>
        public bool WasMade { get; set; }

        public int Asked { get; set; }

        public int LeftS { get; set; } = comer.RunsS;

        public int SinceS { get; set; }

        public int EndsS { get; set; }
    }
}

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Splits the submissions of one commit so that no round holds an id or a key twice: the second of two equal ones then sees the
/// first in the database like any later repeat, and needs no rule of its own.
/// </summary>
internal static class SubmissionRounds
{
    /// <summary>Positions of the items, round by round, in the order of their arrival.</summary>
    public static IReadOnlyList<IReadOnlyList<int>> Of(IReadOnlyList<NewSubmission> items)
    {
        var rounds = new List<List<int>>();
        var next = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            // Neither an id nor a key contains a line feed, so the two kinds of name never meet.
            var id = "id\n" + items[i].Row.TaskId;
            var key = items[i].IdempotencyKey is { } text ? "key\n" + text : null;
            var round = Math.Max(next.GetValueOrDefault(id), key is null ? 0 : next.GetValueOrDefault(key));
            if (round == rounds.Count) { rounds.Add([]); }
            rounds[round].Add(i);
            next[id] = round + 1;
            if (key is not null) { next[key] = round + 1; }
        }

        return rounds;
    }
}

namespace A2A.Micro.Gateway;

/// <summary>What may somebody have meant who wrote a name that is not known?</summary>
internal static class Spelling
{
    private const int LongestName = 64;

    /// <summary>The known name that is fewest edits away, if that is at most a third of its letters; else null.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        if (name.Length > LongestName) { return null; }
        var folded = Fold(name);
        var (near, distance) = known
            .Select(candidate => (candidate, Distance: Distance(folded, Fold(candidate))))
            .OrderBy(pair => pair.Distance)
            .FirstOrDefault((candidate: "", Distance: int.MaxValue));
        return distance <= Math.Max(1, near.Length / 3) ? near : null;
    }

    // taskType, TASK-TYPE and task_type are one name to the writer.
    private static string Fold(string name) =>
        new([.. name.Where(c => c is not ('_' or '-' or ' ')).Select(char.ToLowerInvariant)]);

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (diagonal, left) = (row[0], i);
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var here = Math.Min(Math.Min(left, row[j]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                (diagonal, row[j], left) = (row[j], here, here);
            }
        }

        return row[b.Length];
    }
}

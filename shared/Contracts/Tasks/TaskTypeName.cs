namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// A task type may carry a version: <c>data.analysis@2</c> is done only by agents that announce version 2 of <c>data.analysis</c>;
/// without it by any version (requirements 94).
/// </summary>
public static class TaskTypeName
{
    /// <summary>Longest version.</summary>
    public const int VersionLengthMax = 32;

    /// <summary>The two parts of a type; the version is null when there is none.</summary>
    public static (string Name, string? Version) Split(string taskType)
    {
        var at = taskType.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? (taskType, null) : (taskType[..at], taskType[(at + 1)..]);
    }

    /// <summary>The parts as one name.</summary>
    public static string Join(string name, string? version) => version is null ? name : name + "@" + version;

    /// <summary>1..32 characters of <c>[A-Za-z0-9._-]</c>.</summary>
    public static bool IsVersion(string? version) =>
        version is { Length: > 0 and <= VersionLengthMax } && version.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Orders versions as people do: 2 before 10, 1.9 before 1.10; no version is the oldest.</summary>
    public static int CompareVersions(string? left, string? right)
    {
        if (left is null || right is null) { return (left is null ? 0 : 1) - (right is null ? 0 : 1); }
        var (a, b) = (left.Split('.', '-'), right.Split('.', '-'));
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            var order = uint.TryParse(a[i], out var x) && uint.TryParse(b[i], out var y)
                ? x.CompareTo(y)
                : string.CompareOrdinal(a[i], b[i]);
            if (order != 0) { return order; }
        }

        var longer = a.Length.CompareTo(b.Length);
        return longer != 0 ? longer : string.CompareOrdinal(left, right);
    }
}

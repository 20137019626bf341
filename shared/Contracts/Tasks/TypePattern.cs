namespace A2A.Micro.Contracts.Tasks;

/// <summary>
/// Does a pattern that an agent announces cover a task type? <c>data.*</c> covers every type below <c>data.</c>, however deep;
/// <c>*</c> covers all; anything else is a literal (requirements 83).
/// </summary>
public static class TypePattern
{
    /// <summary>Whether the pattern covers the type.</summary>
    public static bool Covers(string pattern, string taskType) =>
        pattern == "*"
        || (pattern.EndsWith(".*", StringComparison.Ordinal)
            ? taskType.Length > pattern.Length - 1 && taskType.StartsWith(pattern[..^1], StringComparison.Ordinal)
            : pattern == taskType);

    /// <summary>Whether a text may be announced as a pattern.</summary>
    public static bool IsPattern(string pattern) =>
        pattern == "*" || TaskRules.IsTaskType(pattern.EndsWith(".*", StringComparison.Ordinal) ? pattern[..^2] : pattern);
}

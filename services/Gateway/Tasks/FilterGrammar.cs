using System.Globalization;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// What lists and bulk commands can be narrowed by beside state, type and requester: one grammar for the query of a list and for the filter of a bulk.
/// A name that is not known is an error: a misspelt filter would otherwise mean all tasks. Pure.
/// </summary>
public static class FilterGrammar
{
    private const string MetadataPrefix = "metadata.";
    private const string CorrelationId = "correlation_id";
    private const int LabelsMax = 8;
    private const int LabelLengthMax = 256;
    private const int TypesMax = 20;
    private static readonly string[] PriorityNames = ["unspecified", "low", "medium", "high", "critical"];

    /// <summary>The names that are read here; besides, everything that begins with <c>metadata.</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["agent", "priority", CorrelationId, "created_after", "created_before", "updated_after", "updated_before"];

    /// <summary>Whether a type is several, which <see cref="ListQuery"/> does not read.</summary>
    public static bool IsMany(string? type) => type?.Contains(',', StringComparison.Ordinal) == true;

    /// <summary>The filter with everything that the pairs say.</summary>
    /// <param name="filter">What was read so far.</param>
    /// <param name="pairs">Names and values as they were written.</param>
    /// <param name="others">Names that somebody else reads.</param>
    /// <param name="place">Begins every pointer: <c>#/query</c> or <c>#/filter</c>.</param>
    /// <param name="now">What ages are reckoned from.</param>
    /// <param name="errors">Everything that is wrong.</param>
    public static TaskFilter Add(
        TaskFilter filter, IEnumerable<KeyValuePair<string, string>> pairs, IReadOnlyCollection<string> others, string place, DateTimeOffset now,
        List<FieldError> errors)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(errors);
        var labels = new List<string>();
        foreach (var (name, value) in pairs)
        {
            filter = name switch
            {
                "agent" => filter with { AgentId = TaskRules.IsAgentId(value) ? value : Wrong<string>(name, "an agent's id") },
                "priority" => filter with { Priority = Rank(value) ?? WrongValue<int>(name, "1 to 4 or one of low, medium, high, critical") },
                "created_after" => filter with { CreatedAfter = Time(name, value) },
                "created_before" => filter with { CreatedBefore = Time(name, value) },
                "updated_after" => filter with { UpdatedAfter = Time(name, value) },
                "updated_before" => filter with { UpdatedBefore = Time(name, value) },
                "type" when IsMany(value) => filter with { TaskTypes = Types(value) },
                _ => Rest(filter, name, value),
            };
        }

        if (labels.Count > LabelsMax) { _ = Wrong<string>("metadata", $"at most {LabelsMax} members of metadata at once"); }
        return filter with { Labels = labels };

        TaskFilter Rest(TaskFilter same, string name, string value)
        {
            var member = name == CorrelationId ? name : name.StartsWith(MetadataPrefix, StringComparison.Ordinal) ? name[MetadataPrefix.Length..] : null;
            if (member is null)
            {
                if (!others.Contains(name)) { _ = Wrong<string>(name, Advice(name, others)); }
            }
            else if (member.Length == 0 || member.Length + value.Length > LabelLengthMax || value.Contains('\0', StringComparison.Ordinal))
            {
                _ = Wrong<string>(name, $"a plain member of metadata with its value, together at most {LabelLengthMax} characters");
            }
            else { labels.Add($"{member}={value}"); }

            return same;
        }

        IReadOnlyList<string> Types(string value)
        {
            var types = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).ToList();
            if (types.Count is > 0 and <= TypesMax && types.TrueForAll(TaskRules.IsTaskType)) { return types; }
            _ = Wrong<string>("type", $"one prefix such as data.*, or 1 to {TypesMax} types without patterns separated by commas");
            return [];
        }

        DateTimeOffset? Time(string name, string value) =>
            UtcTimeConverter.TryParse(value, out var at) ? at : Age(value) is { } age ? now - age
            : WrongValue<DateTimeOffset>(name, "an RFC 3339 time with an offset such as 2026-03-21T15:00:00Z, or an age such as 15m, 2h, 7d");

        T? Wrong<T>(string name, string detail) where T : class
        {
            errors.Add(new FieldError($"{place}/{Plain(name)}", detail, ErrorKind.Validation.Code));
            return null;
        }

        T? WrongValue<T>(string name, string detail) where T : struct
        {
            _ = Wrong<string>(name, detail);
            return null;
        }
    }

    // What a task calls these things itself.
    private static string? Synonym(string name) => name switch
    {
        "task_type" => "type",
        "state" => "status",
        "requester_agent_id" => "requester",
        "agent_id" or "responder_agent_id" => "agent",
        _ => null,
    };

    private static string Advice(string name, IReadOnlyCollection<string> others)
    {
        string[] known = [.. others, .. Names];
        return (Synonym(name) ?? Spelling.Nearest(name, known)) is { } near
            ? $"unknown filter; did you mean {near}?"
            : $"unknown filter; known are {string.Join(", ", known)}, metadata.<name>";
    }

    private static int? Rank(string value)
    {
        var rank = Array.IndexOf(PriorityNames, value.ToLowerInvariant());
        if (rank < 0 && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) { rank = number; }
        return rank is >= 1 and <= 4 ? rank : null;
    }

    private static TimeSpan? Age(string value)
    {
        const int daysMax = 36_500;
        if (value.Length < 2 || !int.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        var seconds = value[^1] switch { 's' => 1L, 'm' => 60L, 'h' => 3600L, 'd' => 86_400L, _ => 0L } * count;
        return seconds is > 0 and <= daysMax * 86_400L ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static string Plain(string name) => Uri.EscapeDataString(name.Length > 64 ? name[..64] : name);
}

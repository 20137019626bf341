using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway.Events;

/// <summary>Which tasks a stream over many tasks is about: the grammar of lists, with several type patterns and without times and metadata. Pure.</summary>
public sealed record EventFilter
{
    private const int TypesMax = 20;
    private const int SnapshotMax = 1000;
    private const int SnapshotUsual = 100;
    private static readonly string[] Names = ["type", "status", "requester", "agent", "priority", "parent_task_id", "snapshot", "last_event_id"];

    /// <summary>Types and prefixes; empty: all.</summary>
    public IReadOnlyList<string> Types { get; private init; } = [];

    /// <summary>How many tasks the stream begins with at most.</summary>
    public int Snapshot { get; private init; } = SnapshotUsual;

    // Everything but the type.
    private TaskFilter Rest { get; init; } = new();

    /// <summary>The filter of a query.</summary>
    /// <exception cref="ProtocolException">Something in it cannot be read; every such thing is named.</exception>
    public static EventFilter Read(IQueryCollection query, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(query);
        var errors = new List<FieldError>();
        foreach (var name in query.Keys.Where(name => !Names.Contains(name)))
        {
            errors.Add(Wrong(Uri.EscapeDataString(name.Length > 64 ? name[..64] : name), $"unknown; known are {string.Join(", ", Names)}"));
        }

        string? One(string name) => query.TryGetValue(name, out var values) && values.ToString() is { Length: > 0 } value ? value : null;
        var rest = new TaskFilter();
        try
        {
            rest = ListQuery.Read(One("status"), null, One("requester"), null, null, One("parent_task_id"));
        }
        catch (ProtocolException e)
        {
            errors.AddRange(e.Errors);
        }

        rest = FilterGrammar.Add(rest, query.Where(pair => pair.Key is "agent" or "priority")
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToString())), Names, "#/query", now, errors);
        var filter = new EventFilter { Types = Patterns(One("type"), errors), Snapshot = Size(One("snapshot"), errors), Rest = rest };
        return errors.Count == 0 ? filter : throw new ProtocolException(ErrorKind.Validation, $"{errors[0].Pointer}: {errors[0].Detail}", [.. errors]);
    }

    /// <summary>Whether a task is meant.</summary>
    public bool Covers(TaskDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return (Types.Count == 0 || Types.Any(pattern => TypePattern.Covers(pattern, document.TaskType)))
            && (Rest.States.Count == 0 || Rest.States.Contains(document.State))
            && (Rest.RequesterAgentId is not { } requester || document.RequesterAgentId == requester)
            && (Rest.AgentId is not { } agent || document.AgentId == agent)
            && (Rest.Priority is not { } priority || document.Priority == priority)
            && (Rest.ParentTaskId is not { } parent || document.ParentTaskId == parent);
    }

    /// <summary>The lists that together have the tasks that are meant: one per prefix, one for all plain types.</summary>
    public IReadOnlyList<TaskFilter> Lists()
    {
        if (Types.Count == 0 || Types.Contains("*")) { return [Rest]; }
        string[] plain = [.. Types.Where(type => !type.EndsWith(".*", StringComparison.Ordinal))];
        IEnumerable<TaskFilter> prefixes = Types.Except(plain).Select(prefix => Rest with { TaskType = prefix });
        return plain.Length == 0 ? [.. prefixes] : [.. prefixes, Rest with { TaskTypes = plain }];
    }

    private static string[] Patterns(string? text, List<FieldError> errors)
    {
        string[] patterns = [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
        if (patterns.Length <= TypesMax && Array.TrueForAll(patterns, TypePattern.IsPattern)) { return patterns; }
        errors.Add(Wrong("type", $"up to {TypesMax} types or prefixes such as data.*, separated by commas"));
        return [];
    }

    private static int Size(string? text, List<FieldError> errors)
    {
        if (text is null) { return SnapshotUsual; }
        if (int.TryParse(text, System.Globalization.NumberStyles.None, null, out var size) && size <= SnapshotMax) { return size; }
        errors.Add(Wrong("snapshot", $"0 to {SnapshotMax} tasks"));
        return 0;
    }

    private static FieldError Wrong(string name, string detail) => new("#/query/" + name, detail, ErrorKind.Validation.Code);
}

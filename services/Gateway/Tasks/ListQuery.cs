using System.Buffers.Text;
using System.Globalization;
using System.Text;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>The query of a list, read and written. Pure.</summary>
public static class ListQuery
{
    private const int LimitMax = 200;
    private static readonly string[] Names = ["status", "type", "requester", "parent_task_id", "limit", "cursor"];
    private const int CursorLengthMax = 512;

    // The last one of the year 9999, beyond which neither .NET nor the database has a time.
    private const long LastMicrosecond = 253_402_300_799_999_999;

    /// <summary>The filter.</summary>
    /// <exception cref="ProtocolException">Something in the query cannot be read; every such thing is named.</exception>
    public static TaskFilter Read(string? status, string? type, string? requester, string? limit, string? cursor, string? parentTaskId = null)
    {
        var errors = new List<FieldError>();
        var filter = new TaskFilter
        {
            States = States(status, errors),
            TaskType = Checked("type", type, TypePattern.IsPattern, "a type such as data.analysis or a prefix such as data.*", errors),
            RequesterAgentId = Checked("requester", requester, TaskRules.IsTaskId, "an agent's id", errors),
            ParentTaskId = Checked("parent_task_id", parentTaskId, TaskRules.IsTaskId, "a task's id", errors),
            Limit = Limit(limit, LimitMax, new TaskFilter().Limit, errors),
            After = After(cursor, errors),
        };
        // A pattern that covers all filters nothing.
        return errors.Count == 0
            ? filter with { TaskType = filter.TaskType == "*" ? null : filter.TaskType }
            : throw new ProtocolException(ErrorKind.Validation, $"{errors[0].Pointer}: {errors[0].Detail}", [.. errors]);
    }

    /// <summary>The filter of a list, read from its address.</summary>
    /// <exception cref="ProtocolException">Something in the query cannot be read, or a name is not known; every such thing is named.</exception>
    public static TaskFilter Read(TaskQuery query, IQueryCollection all, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(all);
        var errors = new List<FieldError>();
        var filter = new TaskFilter();
        try
        {
            filter = Read(query.Status, FilterGrammar.IsMany(query.Type) ? null : query.Type, query.Requester, query.Limit, query.Cursor,
                query.ParentTaskId);
        }
        catch (ProtocolException e)
        {
            errors.AddRange(e.Errors);
        }

        filter = FilterGrammar.Add(filter, all.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToString())), Names, "#/query", now, errors);
        return errors.Count == 0 ? filter : throw new ProtocolException(ErrorKind.Validation, $"{errors[0].Pointer}: {errors[0].Detail}", [.. errors]);
    }

    /// <summary>
    /// The cursor of a place: base64url of version, sort key and id. Not signed: it carries neither secret nor authority, every
    /// gateway reads it without a shared key, and whatever it says is judged like any other input.
    /// </summary>
    public static string Print(TaskCursor cursor) => Base64Url.EncodeToString(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"1 {cursor.UpdatedAtUs} {cursor.TaskId}")));

    private static TaskCursor? After(string? text, List<FieldError> errors)
    {
        if (text is null) { return null; }
        if (text.Length <= CursorLengthMax && Base64Url.IsValid(text))
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ');
            if (parts is ["1", var at, var id] && TaskRules.IsTaskId(id)
                && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var updatedAtUs)
                && updatedAtUs <= LastMicrosecond)
            {
                var cursor = new TaskCursor { UpdatedAtUs = updatedAtUs, TaskId = id };
                if (Print(cursor) == text) { return cursor; }
            }
        }

        Wrong(errors, "cursor", "pass next_cursor of the page before, unchanged");
        return null;
    }

    private static List<TaskState> States(string? status, List<FieldError> errors)
    {
        var states = new List<TaskState>();
        foreach (var word in (status ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct())
        {
            if (WireWord.TryParse<TaskState>(word, out var state) && state != TaskState.Unknown) { states.Add(state); }
            else
            {
                Wrong(errors, "status", "states separated by commas: "
                    + string.Join(", ", WireWord.All<TaskState>().Where(known => known != "unknown")));
                break;
            }
        }

        return [.. states.Distinct()];
    }

    private static string? Checked(string name, string? value, Func<string, bool> rule, string expected, List<FieldError> errors)
    {
        if (value is null || rule(value)) { return value; }
        Wrong(errors, name, expected);
        return null;
    }

    /// <summary>A size within its bounds; absent: the default.</summary>
    internal static int Limit(string? text, int most, int otherwise, List<FieldError> errors)
    {
        if (text is null) { return otherwise; }
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= most)
        {
            return limit;
        }

        Wrong(errors, "limit", $"1 to {most}");
        return 0;
    }

    private static void Wrong(List<FieldError> errors, string name, string detail) =>
        errors.Add(new FieldError("#/query/" + name, detail, ErrorKind.Validation.Code));
}

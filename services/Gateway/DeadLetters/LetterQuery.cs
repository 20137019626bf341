using System.Buffers.Text;
using System.Globalization;
using System.Text;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>Which dead letters are asked for, read from a query or from the filter of a bulk: one grammar for both. Pure.</summary>
public static class LetterQuery
{
    private const int LimitMax = 200;
    private const int TextLengthMax = 256;

    /// <summary>The members of the grammar that both places have.</summary>
    public static IReadOnlyList<string> Members { get; } = ["queue", "message_type", "task_id", "error"];

    /// <summary>The filter; what is wrong goes to <paramref name="errors"/>.</summary>
    /// <param name="value">The value of a member; null when it is absent.</param>
    /// <param name="place">Begins every pointer: <c>#/query</c> or <c>#/filter</c>.</param>
    /// <param name="errors">Everything that is wrong.</param>
    public static LetterFilter Read(Func<string, string?> value, string place, List<FieldError> errors)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(errors);
        var taskId = value("task_id");
        if (taskId is not null && !TaskRules.IsTaskId(taskId)) { Wrong("task_id", "a task id"); }
        return new LetterFilter { Queue = Text("queue"), MessageType = Text("message_type"), TaskId = taskId, Error = Text("error") };

        string? Text(string name)
        {
            var text = value(name);
            if (text is { Length: 0 or > TextLengthMax } || text?.Contains('\0', StringComparison.Ordinal) == true)
            {
                Wrong(name, $"1 to {TextLengthMax} characters");
                return null;
            }

            return text;
        }

        void Wrong(string name, string detail) => errors.Add(new FieldError($"{place}/{name}", detail, ErrorKind.Validation.Code));
    }

    /// <summary>The query of the list.</summary>
    /// <exception cref="ProtocolException">Something in it cannot be read; every such thing is named.</exception>
    public static LetterFilter Read(Func<string, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var errors = new List<FieldError>();
        var filter = Read(value, "#/query", errors) with { State = State(value("state"), errors), After = After(value("cursor"), errors) };
        if (value("limit") is { } limit)
        {
            if (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most is >= 1 and <= LimitMax)
            {
                filter = filter with { Limit = most };
            }
            else { Wrong(errors, "limit", $"1 to {LimitMax}"); }
        }

        return errors.Count == 0 ? filter : throw new ProtocolException(ErrorKind.Validation, $"{errors[0].Pointer}: {errors[0].Detail}", [.. errors]);
    }

    /// <summary>The cursor behind a letter.</summary>
    public static string Print(DeadLetterRow letter)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"1 {letter.ParkedAt.UtcTicks} {letter.LetterId}")));
    }

    private static LetterState? State(string? word, List<FieldError> errors)
    {
        if (word is null) { return LetterState.Parked; }
        if (word == "any") { return null; }
        if (WireWord.TryParse<LetterState>(word, out var state)) { return state; }
        Wrong(errors, "state", "one of " + string.Join(", ", WireWord.All<LetterState>()) + ", any");
        return null;
    }

    private static (DateTimeOffset, string)? After(string? text, List<FieldError> errors)
    {
        if (text is null) { return null; }
        if (text.Length <= TextLengthMax && Base64Url.IsValid(text))
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ');
            if (parts is ["1", var at, var id] && TaskRules.IsTaskId(id)
                && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks)
            {
                return (new DateTimeOffset(ticks, TimeSpan.Zero), id);
            }
        }

        Wrong(errors, "cursor", "pass next_cursor of the page before, unchanged");
        return null;
    }

    private static void Wrong(List<FieldError> errors, string name, string detail) =>
        errors.Add(new FieldError("#/query/" + name, detail, ErrorKind.Validation.Code));
}

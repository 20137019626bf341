using System.Buffers.Text;
using System.Globalization;
using System.Text;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Resources;

/// <summary>The query of a piece of the line, read and written. Pure.</summary>
public static class LineQuery
{
    private const int LimitMax = 200;
    private const int CursorLengthMax = 512;

    /// <summary>The question.</summary>
    /// <exception cref="ProtocolException">Something in the query cannot be read; every such thing is named.</exception>
    public static ReadLine Read(string? limit, string? cursor)
    {
        var errors = new List<FieldError>();
        var question = new ReadLine();
        if (limit is not null)
        {
            if (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most is >= 1 and <= LimitMax)
            {
                question = question with { Limit = most };
            }
            else { errors.Add(Wrong("limit", $"1 to {LimitMax}")); }
        }

        if (cursor is not null)
        {
            if (Place(cursor) is { } place) { question = question with { After = place }; }
            else { errors.Add(Wrong("cursor", "pass next_cursor of the page before, unchanged")); }
        }

        return errors.Count == 0
            ? question
            : throw new ProtocolException(ErrorKind.Validation, $"{errors[0].Pointer}: {errors[0].Detail}", [.. errors]);
    }

    /// <summary>The cursor of a place: base64url of version, sort key and attempt. Not signed: it carries neither secret nor authority.</summary>
    public static string Print(LinePlace place) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"1 {place.KeyUs} {place.DeadlineUs} {place.EnqueuedUs} {place.Attempt} {place.TaskId}")));

    private static LinePlace? Place(string text)
    {
        if (text.Length > CursorLengthMax || !Base64Url.IsValid(text)) { return null; }
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ');
        if (parts is not ["1", var key, var deadline, var enqueued, var attempt, var id] || !TaskRules.IsTaskId(id)
            || !Number(key, out var keyUs) || !Number(deadline, out var deadlineUs) || !Number(enqueued, out var enqueuedUs)
            || !int.TryParse(attempt, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        var place = new LinePlace { KeyUs = keyUs, DeadlineUs = deadlineUs, EnqueuedUs = enqueuedUs, TaskId = id, Attempt = number };
        return Print(place) == text ? place : null;

        static bool Number(string digits, out long number) =>
            long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    private static FieldError Wrong(string name, string detail) => new("#/query/" + name, detail, ErrorKind.Validation.Code);
}

using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.ServiceDefaults;

/// <summary>The state of one pass of <see cref="JsonGate"/> over one body.</summary>
internal sealed class JsonGatePass(JsonGateLimits limits)
{
    private const int SegmentMax = 64;

    private readonly List<FieldError> _errors = [];
    private readonly Stack<Frame> _frames = new();
    private ErrorKind _kind = ErrorKind.Validation;
    private int _nodes;
    private bool _stopped;

    /// <summary>Whether it is worth reading on.</summary>
    public bool Goes => !_stopped && _errors.Count < limits.ErrorsMax;

    public JsonGateVerdict Verdict() => _errors.Count == 0 ? JsonGateVerdict.Passed : new JsonGateVerdict(_kind, _errors);

    public JsonGateVerdict Malformed(string sentence)
    {
        Refuse(ErrorKind.Validation, sentence);
        return Verdict();
    }

    public void Take(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                TakeName(ref reader);
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                Begin(ref reader);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                End(reader.BytesConsumed);
                break;
            default:
                TakeValue(ref reader);
                break;
        }
    }

    private void TakeName(ref Utf8JsonReader reader)
    {
        var frame = _frames.Peek();
        var wrong = JsonGateText.WrongEscape(ref reader);
        frame.Name = wrong is null ? reader.GetString()! : Encoding.UTF8.GetString(reader.ValueSpan);
        CheckText(ref reader, wrong, "member name");
        if (!frame.Names!.Add(frame.Name)) { Refuse(ErrorKind.Validation, "This member is there twice; which one is meant cannot be known."); }
        if (frame.Names.Count == limits.KeysMax + 1)
        {
            frame.Name = null;
            Refuse(ErrorKind.Validation, $"This object has more than {limits.KeysMax} members.");
        }
    }

    private void Begin(ref Utf8JsonReader reader)
    {
        CountNode();
        _frames.Push(new Frame(reader.TokenType == JsonTokenType.StartObject, Measured(), reader.TokenStartIndex));
        if (_frames.Count > limits.DepthMax)
        {
            _ = _frames.Pop();
            Refuse(ErrorKind.Validation, $"This is nested deeper than {limits.DepthMax} levels.");
            _stopped = true;
        }
    }

    private void End(long end)
    {
        var frame = _frames.Pop();
        if (frame.IsMeasured) { CheckSize(frame.Start, end); }
        Leave();
    }

    private void TakeValue(ref Utf8JsonReader reader)
    {
        CountNode();
        if (reader.TokenType == JsonTokenType.String) { CheckText(ref reader, JsonGateText.WrongEscape(ref reader), "string"); }
        if (reader.TokenType == JsonTokenType.Number && JsonGateText.WrongNumber(reader.ValueSpan, limits) is { } sentence)
        {
            Refuse(ErrorKind.Validation, sentence);
        }

        if (Measured()) { CheckSize(reader.TokenStartIndex, reader.BytesConsumed); }
        Leave();
    }

    private void CheckText(ref Utf8JsonReader reader, string? wrongEscape, string what)
    {
        if (wrongEscape is not null) { Refuse(ErrorKind.Validation, $"This {what} {wrongEscape}."); }
        else if (JsonGateText.Length(ref reader) > limits.StringBytesMax && !(reader.TokenType == JsonTokenType.String && IsMeasured()))
        {
            Refuse(ErrorKind.TooLarge, $"This {what} is longer than {limits.StringBytesMax} bytes.");
        }
    }

    private void CheckSize(long start, long end)
    {
        var name = _frames.Peek().Name!;
        if (end - start > limits.MemberBytesMax[name])
        {
            Refuse(ErrorKind.TooLarge, $"{name} has {end - start} bytes; at most {limits.MemberBytesMax[name]} are accepted.");
        }
    }

    /// <summary>Whether the value that comes now is one whose size is limited.</summary>
    private bool Measured() =>
        _frames.TryPeek(out var frame) && frame.Name is { } name && limits.MemberBytesMax.ContainsKey(name)
        && !_frames.Any(outer => outer.IsMeasured);

    // Within a member that is bounded as a whole a long text does no more harm than many short ones.
    private bool IsMeasured() => Measured() || _frames.Any(outer => outer.IsMeasured);

    private void CountNode()
    {
        if (++_nodes != limits.NodesMax + 1) { return; }
        Refuse(ErrorKind.Validation, $"The body has more than {limits.NodesMax} values.");
        _stopped = true;
    }

    private void Leave()
    {
        if (_frames.TryPeek(out var frame) && !frame.IsObject) { frame.Index++; }
    }

    private void Refuse(ErrorKind kind, string sentence)
    {
        // Too large comes first in the catalogue's order of precedence.
        if (kind == ErrorKind.TooLarge) { _kind = kind; }
        _errors.Add(new FieldError(Pointer(), sentence, kind.Code));
    }

    /// <summary>Where the pass stands: RFC 6901, section 6, with long names cut.</summary>
    private string Pointer()
    {
        var text = new StringBuilder("#");
        foreach (var frame in _frames.Reverse())
        {
            if (frame.IsObject && frame.Name is null) { break; }
            var segment = frame.IsObject ? frame.Name! : frame.Index.ToString();
            if (segment.Length > SegmentMax) { segment = segment[..(SegmentMax - 1)]; }
            _ = text.Append('/').Append(Uri.EscapeDataString(segment.Replace("~", "~0").Replace("/", "~1")));
        }

        return text.ToString();
    }

    private sealed class Frame(bool isObject, bool isMeasured, long start)
    {
        public bool IsObject { get; } = isObject;

        public bool IsMeasured { get; } = isMeasured;

        public long Start { get; } = start;

        public HashSet<string>? Names { get; } = isObject ? new(StringComparer.Ordinal) : null;

        public string? Name { get; set; }

        public int Index { get; set; }
    }
}

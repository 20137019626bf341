using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Security;
using A2A.Micro.Security.Audit;

namespace A2A.Micro.Gateway.DeadLetters;

/// <summary>What a dead letter says, and what may become of it. Pure.</summary>
public static partial class DeadLetterRules
{
    /// <summary>Where what killed its consumers is kept.</summary>
    public const string KilledQueue = "a2a.dead-letters";

    /// <summary>Letters a second that are sent again when nobody says another figure.</summary>
    public const int RateDefault = 10;

    /// <summary>So many contracts are remembered with a letter; more do not run beside each other.</summary>
    public const int JudgesMax = 8;

    private const int TextMax = 2000;
    private const int HeadersMax = 64;
    private const string UrnPrefix = "urn:message:";
    private const string OurPrefix = "a2a:";

    /// <summary>The queues whose dead letters are collected.</summary>
    public static IReadOnlyList<string> Queues { get; } =
    [
        Endpoints.Tasks, Endpoints.Repairs, Endpoints.Allocations, Endpoints.Agents, Endpoints.Resources, Endpoints.Transitions, Endpoints.Status,
        Endpoints.SharedState, Endpoints.States, Endpoints.Commands, Endpoints.Requests, Endpoints.Payloads, Endpoints.Webhooks,
        Endpoints.Audit,
    ];

    /// <summary>The queue behind the queue that holds what it could not take.</summary>
    public static string Origin(string queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return queue.EndsWith("_error", StringComparison.Ordinal) ? queue[..^"_error".Length]
            : queue.EndsWith("_skipped", StringComparison.Ordinal) ? queue[..^"_skipped".Length]
            : queue;
    }

    /// <summary>Whether a letter in one state may go to another: forwards, and back to its queue from the bin.</summary>
    public static bool MayMove(LetterState from, LetterState to) => (from, to) switch
    {
        (LetterState.Parked or LetterState.Discarded, LetterState.Waiting) => true,
        (LetterState.Waiting, LetterState.Replayed) => true,
        (LetterState.Parked or LetterState.Waiting, LetterState.Discarded) => true,
        _ => false,
    };

    /// <summary>The states from which a letter may go to this one.</summary>
    public static IReadOnlyList<LetterState> Sources(LetterState to) => [.. Enum.GetValues<LetterState>().Where(from => MayMove(from, to))];

    /// <summary>
    /// The letter after the same message has come once more. One that lies here already came twice from the broker; one that was sent away has failed
    /// again. What was changed by hand stays changed: it is what came back.
    /// </summary>
    public static DeadLetterRow Again(DeadLetterRow known, DeadLetterRow letter)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(letter);
        return known.State == LetterState.Parked ? known : letter with
        {
            Deaths = known.Deaths + 1,
            Edited = known.Edited,
            JudgedAt = known.JudgedAt,
            JudgedBy = known.JudgedBy,
            Judges = letter.Judges.Aggregate(known.Judges, Judged),
        };
    }

    /// <summary>Whether a letter waits for the judgement of a contract: it lies here because it did not fit another one.</summary>
    public static bool MayJudge(DeadLetterRow letter, string contract)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return letter.State == LetterState.Parked && FaultOf(letter.Reason).Code == ErrorKind.Validation.Code && !letter.Judges.Contains(contract);
    }

    /// <summary>The contracts that have judged, with one more.</summary>
    public static IReadOnlyList<string> Judged(IReadOnlyList<string> judges, string contract)
    {
        ArgumentNullException.ThrowIfNull(judges);
        return judges.Contains(contract) ? judges : [.. judges.TakeLast(JudgesMax - 1), contract];
    }

    /// <summary>The letter of a message; it is read as far as it can be.</summary>
    public static DeadLetterRow Read(
        string queue, LetterCause cause, byte[] body, string? contentType, IReadOnlyDictionary<string, string> headers, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(headers);
        var (messageId, type, taskId) = ReadEnvelope(body);
        var contract = Plain(headers.GetValueOrDefault(ContractVersion.Header));
        messageId ??= Plain(headers.GetValueOrDefault("MessageId"));
        return new DeadLetterRow
        {
            LetterId = IdOf(queue, messageId, body),
            Queue = queue,
            Cause = cause,
            State = LetterState.Parked,
            MessageId = messageId,
            MessageType = type,
            TaskId = taskId,
            Error = Plain(headers.GetValueOrDefault("MT-Fault-ExceptionType")),
            Reason = Plain(headers.GetValueOrDefault("MT-Fault-Message") ?? Sentence(cause)),
            ContentType = Plain(contentType),
            Body = body,
            Headers = JsonSerializer.Serialize(
                headers.OrderBy(header => header.Key, StringComparer.Ordinal).Take(HeadersMax)
                    .ToDictionary(header => Plain(header.Key)!, header => Plain(header.Value), StringComparer.Ordinal),
                WireJson.Options),
            ParkedBy = contract,
            Judges = contract is null ? [] : [contract],
            ParkedAt = now,
            UpdatedAt = now,
        };
    }

    /// <summary>Code and field of a reason that says them: <c>MSG001 #/task_id: it is required, and it is not there</c>.</summary>
    public static (string? Code, string? Pointer) FaultOf(string? reason) =>
        reason is not null && FaultText().Match(reason) is { Success: true } match && ErrorKind.Find(match.Groups[1].Value) is { } kind
            ? (kind.Code, match.Groups[2] is { Success: true } pointer ? pointer.Value : null)
            : default;

    [GeneratedRegex(@"^([A-Z0-9_]+) (?:(#\S*): )?")]
    private static partial Regex FaultText();

    /// <summary>What the audit says of a letter that was refused because of who said it; null: it was not. Whose it was, the broker knows.</summary>
    public static AuditEntry? Breach(DeadLetterRow letter)
    {
        ArgumentNullException.ThrowIfNull(letter);
        if (letter.Reason is not { } reason || !reason.StartsWith(SecurityBreachException.Word, StringComparison.Ordinal)) { return null; }
        var sender = BreachText().Match(reason) is { Success: true } match ? match.Groups[1].Value : "unknown";
        return new AuditEntry
        {
            At = letter.ParkedAt,
            Actor = sender,
            Tenant = TenantNames.Default,
            Action = "message " + (letter.MessageType ?? "unknown"),
            Object = letter.LetterId,
            Outcome = "refused",
            Reason = reason,
        };
    }

    /// <summary>What the audit says of a letter that is sent again by itself; null: somebody asked for it, and stands there already.</summary>
    public static AuditEntry? Resending(DeadLetterRow letter, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return letter.ResentAt is null ? null : new AuditEntry
        {
            At = now,
            Actor = "gateway",
            Tenant = TenantNames.Default,
            Action = "replayDeadLetter",
            Object = letter.LetterId,
            Outcome = "done",
            Reason = $"it fits {letter.JudgedBy}; it did not fit {letter.ParkedBy ?? "an older version"}",
        };
    }

    [GeneratedRegex("a message of (\\S+) to ")]
    private static partial Regex BreachText();

    /// <summary>The message of the envelope; null when the body is none.</summary>
    public static JsonElement? MessageOf(byte[] body) =>
        EnvelopeOf(body) is { } envelope && envelope.TryGetProperty("message", out var message) ? message : null;

    /// <summary>The body with another message in the same envelope; null when the body is no envelope.</summary>
    public static byte[]? WithMessage(byte[] body, JsonElement message)
    {
        if (MessageOf(body) is null) { return null; }
        try
        {
            var envelope = JsonNode.Parse(Gzip.Unpack(body))!.AsObject();
            envelope["message"] = JsonNode.Parse(message.GetRawText());
            return JsonSerializer.SerializeToUtf8Bytes(envelope, WireJson.Options);
        }
        catch (ArgumentException)
        {
            // A name that stands twice: nobody can say which one is meant.
            return null;
        }
    }

    private static (string? MessageId, string? Type, string? TaskId) ReadEnvelope(byte[] body)
    {
        if (EnvelopeOf(body) is not { } envelope) { return default; }
        var type = envelope.TryGetProperty("messageType", out var types) && types.ValueKind == JsonValueKind.Array && types.GetArrayLength() > 0
            ? Text(types[0])
            : null;
        var taskId = envelope.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.Object
            && message.TryGetProperty("task_id", out var id) ? Text(id) : null;
        return (envelope.TryGetProperty("messageId", out var messageId) ? Text(messageId) : null, type is null ? null : NameOf(type),
            TaskRules.IsTaskId(taskId) ? taskId : null);
    }

    // An object in JSON, compressed or not; null: it is none.
    private static JsonElement? EnvelopeOf(byte[] body)
    {
        try
        {
            return JsonElement.Parse(Gzip.Unpack(body)) is { ValueKind: JsonValueKind.Object } envelope ? envelope : null;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            return null;
        }
    }

    private static string NameOf(string urn)
    {
        var name = urn.StartsWith(UrnPrefix, StringComparison.Ordinal) ? urn[UrnPrefix.Length..] : urn;
        name = name.StartsWith("urn:", StringComparison.Ordinal) ? name["urn:".Length..] : name;
        return name.StartsWith(OurPrefix, StringComparison.Ordinal) ? name[OurPrefix.Length..] : name;
    }

    private static string? Text(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? Plain(element.GetString()) : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }

    private static string Sentence(LetterCause cause) => cause switch
    {
        LetterCause.Skipped => "nobody at this queue knows this kind of message",
        LetterCause.Killed => "its consumers died with it in hand",
        _ => "it failed",
    };

    private static string IdOf(string queue, string? messageId, byte[] body)
    {
        var name = messageId is not null ? Encoding.UTF8.GetBytes($"{queue}\n{messageId}") : [.. Encoding.UTF8.GetBytes(queue + "\n"), .. body];
        return "letter-" + Convert.ToHexStringLower(SHA256.HashData(name).AsSpan(0, 16));
    }

    // What a database can hold and a person can read.
    private static string? Plain(string? text)
    {
        if (text is null) { return null; }
        var plain = new string([.. text.Take(TextMax).Select(c => c == '\0' || char.IsSurrogate(c) ? '?' : c)]);
        return plain;
    }
}

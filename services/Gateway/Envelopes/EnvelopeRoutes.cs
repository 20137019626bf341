using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Control;

namespace A2A.Micro.Gateway.Envelopes;

/// <summary>Which route answers which kind of request (requirements 30). Pure.</summary>
public static class EnvelopeRoutes
{
    /// <summary>Hands in a task.</summary>
    public const string Submit = "task.submit";

    /// <summary>Reports how far an attempt is.</summary>
    public const string Status = "task.status";

    /// <summary>Reports how an attempt ended.</summary>
    public const string Result = "task.result";

    /// <summary>A command; <c>task.control.pause</c> and so on, or the verb in the member <c>command</c>.</summary>
    public const string Control = "task.control";

    private static readonly string[] Verbs = [.. CommandMessages.Verbs, "input", "amend"];

    /// <summary>Every kind that is answered.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [Submit, Status, Result, .. Verbs.Select(verb => $"{Control}.{verb}"), .. GuideMessages.Names];

    /// <summary>The route; null for a report of an agent, which no route takes.</summary>
    /// <exception cref="ProtocolException">Nobody answers this kind, or the task is not named.</exception>
    public static InnerRequest? Of(Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (envelope.Type == Submit) { return new InnerRequest("submitTask", "POST", "/v1/tasks", envelope.Payload); }
        if (envelope.Type is Status or Result) { return null; }
        if (VerbOf(envelope) is not { } verb) { throw Unsupported(envelope.Type); }
        var taskId = Task(envelope);
        var body = Envelope.Without(envelope.Payload, "task_id", envelope.Type == Control ? "command" : "task_id");
        return verb == "amend"
            ? new InnerRequest("amendTask", "PATCH", "/v1/tasks/" + taskId, body) { TaskId = taskId }
            : new InnerRequest(verb == "input" ? "provideInput" : verb + "Task", "POST", $"/v1/tasks/{taskId}/{verb}", body) { TaskId = taskId };
    }

    private static string? VerbOf(Envelope envelope)
    {
        if (envelope.Type == Control)
        {
            var command = envelope.Payload.TryGetProperty("command", out var member) && member.ValueKind == JsonValueKind.String
                ? member.GetString()!
                : throw Wrong(envelope, "command", "required: one of " + string.Join(", ", Verbs));
            return Verbs.Contains(command) ? command : throw Unsupported($"{Control}.{command}");
        }

        return envelope.Type.StartsWith(Control + ".", StringComparison.Ordinal)
            ? Verbs.FirstOrDefault(verb => envelope.Type.AsSpan(Control.Length + 1).SequenceEqual(verb))
            : null;
    }

    private static string Task(Envelope envelope) =>
        envelope.Payload.TryGetProperty("task_id", out var id) && id.ValueKind == JsonValueKind.String && TaskRules.IsTaskId(id.GetString())
            ? id.GetString()!
            : throw Wrong(envelope, "task_id", "required: 1 to 128 characters from A-Z a-z 0-9 . _ : ~ -");

    private static ProtocolException Wrong(Envelope envelope, string name, string detail) => new(
        ErrorKind.Validation, $"{envelope.Place}/{name}: {detail}", new FieldError($"{envelope.Place}/{name}", detail, ErrorKind.Validation.Code));

    private static ProtocolException Unsupported(string type)
    {
        var near = Spelling.Nearest(type, Kinds);
        return new ProtocolException(
            ErrorKind.UnsupportedRequest,
            $"Requests of the type {Problems.Quote(type)} are not answered here.",
            new FieldError("#/message_type", near is null ? "one of " + string.Join(", ", Kinds) : $"did you mean {near}?", ErrorKind.UnsupportedRequest.Code));
    }
}

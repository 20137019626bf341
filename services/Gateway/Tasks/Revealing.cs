using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Security;
using A2A.Micro.Security.Encryption;
using A2A.Micro.Security.Identity;
using Microsoft.AspNetCore.Http;

namespace A2A.Micro.Gateway.Tasks;

/// <summary>
/// Opens what an agent sealed in its result, for the requester whose secrets they are and who asks for it with <c>reveal=true</c>. Parameters are never
/// opened again: who sent them has them.
/// </summary>
public sealed class Revealing(KeyVault vault)
{
    /// <summary>Whether the caller asks for it.</summary>
    /// <exception cref="ProtocolException">It says neither yes nor no.</exception>
    public static bool IsAskedFor(string? reveal) => reveal?.ToUpperInvariant() switch
    {
        null or "FALSE" => false,
        "TRUE" => true,
        _ => throw new ProtocolException(ErrorKind.Validation, "reveal is true or false.",
            new FieldError("#/query/reveal", "true or false", ErrorKind.Validation.Code)),
    };

    /// <summary>The document with its result opened.</summary>
    /// <exception cref="ProtocolException">It was sealed with a key that is gone, or by somebody else.</exception>
    public TaskDocument Open(TaskDocument document, HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(http);
        var caller = Caller.Current;
        if (caller.Grant is not null)
        {
            throw new ProtocolException(
                ErrorKind.Forbidden, "An agent that acts for a task has no part in the secrets of a result; its handler is told by the bus.");
        }

        if (!caller.IsAnonymous && !caller.May(Scopes.TasksAdmin) && SubjectOf(document) != caller.Subject)
        {
            throw new ProtocolException(ErrorKind.Forbidden, "Only who asked for the task, and who may administer tasks, can have its result opened.");
        }

        if (vault.Masters is not { } masters) { return document; }
        http.Response.Headers.CacheControl = "no-store";
        try
        {
            return document with { Result = SealedFields.Reveal(document.Result, SealedFields.Result, masters, caller.Tenant) };
        }
        catch (SecurityBreachException breach)
        {
            throw new ProtocolException(ErrorKind.Conflict, $"The result of this task cannot be opened: {breach.Message}.");
        }
    }

    // Stamped by the Gateway when the task was handed in; a caller cannot forge it.
    private static string? SubjectOf(TaskDocument document) =>
        document.Metadata is { ValueKind: JsonValueKind.Object } metadata && metadata.TryGetProperty(MetadataRules.Subject, out var subject)
            && subject.ValueKind == JsonValueKind.String
            ? subject.GetString()
            : null;
}

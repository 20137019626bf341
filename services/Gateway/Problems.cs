using System.Diagnostics;
using System.Net.Mime;
using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace A2A.Micro.Gateway;

/// <summary>The one place where a kind of error becomes HTTP: status, problem details (RFC 9457), Retry-After.</summary>
public static class Problems
{
    /// <summary>Media type of every error body.</summary>
    public const string MediaType = MediaTypeNames.Application.ProblemJson;

    /// <summary>
    /// The kind that decides when several fields are wrong: the first of <see cref="ErrorKind.All"/> that occurs.
    /// </summary>
    public static ErrorKind Decide(IReadOnlyList<FieldError> errors) =>
        ErrorKind.All.FirstOrDefault(kind => errors.Any(error => error.Code == kind.Code)) ?? ErrorKind.Validation;

    /// <summary>The answer for wrong fields.</summary>
    public static IResult Of(IReadOnlyList<FieldError> errors, DateTimeOffset? suggestedDeadline = null)
    {
        return new ProblemResult(Decide(errors), Sentence(errors), errors, null, suggestedDeadline);
    }

    /// <summary>The answer for one kind of error.</summary>
    public static IResult Of(ErrorKind kind, string detail, IReadOnlyList<FieldError>? errors = null, string? state = null) =>
        new ProblemResult(kind, detail, errors ?? [], state);

    /// <summary>The answer for a task that nobody knows.</summary>
    public static IResult NoSuchTask(string taskId) => Of(ErrorKind.NotFound, $"There is no task {Quote(taskId)}.");

    /// <summary>What a caller wrote, safe to repeat in a sentence: printable, at most 128 characters.</summary>
    public static string Quote(string text)
    {
        var printable = new string([.. text.Take(128).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
        return $"'{printable}'" + (text.Length > 128 ? " (cut)" : "");
    }

    /// <summary>The kind and the sentence of an exception; null when it is nobody's fault but ours.</summary>
    public static (ErrorKind Kind, string Detail, IReadOnlyList<FieldError> Errors)? Explain(Exception exception) => exception switch
    {
        ProtocolException e => (e.Kind, e.Message, e.Errors),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            (ErrorKind.TooLarge, "The body is over the size limit.", []),
        BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } =>
            (ErrorKind.UnsupportedMediaType, "Send application/json in UTF-8.", []),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } =>
            (ErrorKind.Serialization, "The body came too slowly or not at all.", []),
        BadHttpRequestException => (ErrorKind.Serialization, "The request is malformed.", []),
        JsonException => (ErrorKind.Serialization, "The body is not valid JSON.", []),
        InvalidDataException => (ErrorKind.Serialization, "The body is not what its Content-Encoding says.", []),
        RequestTimeoutException => (ErrorKind.Timeout, "The service behind it did not answer in time; try again.", []),
        NpgsqlException or TimeoutException or RequestException or HttpRequestException =>
            (ErrorKind.Connection, "A part of the system cannot be reached at the moment; try again.", []),
        _ => null,
    };

    /// <summary>Writes problem details and everything that goes with them.</summary>
    public static Task Write(
        HttpContext http, ErrorKind kind, string detail, IReadOnlyList<FieldError> errors, int? status = null, string? state = null,
        DateTimeOffset? suggestedDeadline = null, int? retryAfterS = null)
    {
        var response = http.Response;
        response.StatusCode = status ?? kind.HttpStatus;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        if ((retryAfterS ?? RetryAfter(kind)) is { } seconds) { response.Headers.RetryAfter = seconds.ToString(); }
        var view = View(http, kind, detail, errors, response.StatusCode, state) with { SuggestedDeadline = suggestedDeadline };
        if (retryAfterS is not null) { view = view with { RetryAfterS = retryAfterS }; }
        return JsonSerializer.SerializeAsync(response.Body, view, WireJson.Options, http.RequestAborted);
    }

    /// <summary>The problem of wrong fields, as part of a larger answer.</summary>
    public static ProblemView View(HttpContext http, IReadOnlyList<FieldError> errors)
    {
        var kind = Decide(errors);
        return View(http, kind, Sentence(errors), errors, kind.HttpStatus, null);
    }

    /// <summary>The problem of a broken rule, as part of a larger answer.</summary>
    public static ProblemView View(HttpContext http, ProtocolException broken)
    {
        ArgumentNullException.ThrowIfNull(broken);
        return View(http, broken.Kind, broken.Message, broken.Errors, broken.Kind.HttpStatus, null);
    }

    /// <summary>The W3C trace id of the request, 32 hex digits; the same on every call within one request.</summary>
    public static string TraceId(HttpContext http)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity) { return activity.TraceId.ToHexString(); }
        if (http.Items.TryGetValue(typeof(ActivityTraceId), out var made)) { return (string)made!; }
        var drawn = ActivityTraceId.CreateRandom().ToHexString();
        http.Items[typeof(ActivityTraceId)] = drawn;
        return drawn;
    }

    private static string Sentence(IReadOnlyList<FieldError> errors) => errors.Count == 1
        ? $"{errors[0].Pointer}: {errors[0].Detail}"
        : $"{errors.Count} fields are wrong; the first is {errors[0].Pointer}: {errors[0].Detail}";

    private static ProblemView View(
        HttpContext http, ErrorKind kind, string detail, IReadOnlyList<FieldError> errors, int status, string? state) => new()
        {
            Type = "/errors#" + kind.Code,
            Title = kind.Title,
            Status = status,
            Detail = detail,
            Instance = http.Request.PathBase + http.Request.Path.ToUriComponent(),
            Code = kind.Code,
            Severity = kind.Severity.Word(),
            Recovery = kind.Recovery.Word(),
            TraceId = TraceId(http),
            RetryAfterS = RetryAfter(kind),
            State = state,
            Errors = errors.Count > 0 ? errors : null,
        };

    private static int? RetryAfter(ErrorKind kind) => kind.HttpStatus switch
    {
        StatusCodes.Status503ServiceUnavailable => 2,
        StatusCodes.Status429TooManyRequests => 5,
        _ => null,
    };

    private sealed class ProblemResult(
        ErrorKind kind, string detail, IReadOnlyList<FieldError> errors, string? state, DateTimeOffset? suggestedDeadline = null) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) =>
            Write(httpContext, kind, detail, errors, state: state, suggestedDeadline: suggestedDeadline);
    }
}

/// <summary>Problem details (RFC 9457) with this protocol's members.</summary>
public sealed record ProblemView
{
    /// <summary>Where the code is explained, relative to this server: <c>/errors#MSG001</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The same for every occurrence of the code.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status again.</summary>
    public required int Status { get; init; }

    /// <summary>What is wrong this time.</summary>
    public required string Detail { get; init; }

    /// <summary>The path that was asked.</summary>
    public required string Instance { get; init; }

    /// <summary>A code of the error catalogue, <c>GET /v1/errors</c>.</summary>
    public required string Code { get; init; }

    /// <summary><c>warning</c>, <c>error</c> or <c>critical</c>.</summary>
    public required string Severity { get; init; }

    /// <summary>What helps.</summary>
    public required string Recovery { get; init; }

    /// <summary>W3C trace id, 32 hex digits: quote it when you ask for help.</summary>
    public required string TraceId { get; init; }

    /// <summary>Seconds to wait before trying again; the same as the Retry-After header.</summary>
    public int? RetryAfterS { get; init; }

    /// <summary>The state of the task that stands in the way.</summary>
    public string? State { get; init; }

    /// <summary>With <c>DEADLINE_IMPOSSIBLE</c> where history knows: a deadline that would most likely be met.</summary>
    public DateTimeOffset? SuggestedDeadline { get; init; }

    /// <summary>Every wrong field, as JSON pointers into the body; <c>#/query/limit</c> and <c>#/headers/prefer</c> name others.</summary>
    public IReadOnlyList<FieldError>? Errors { get; init; }
}

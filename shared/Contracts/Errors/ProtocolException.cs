namespace A2A.Micro.Contracts.Errors;

/// <summary>A broken rule, on its way to an edge that knows how to say it. The text is for the caller and carries no internals.</summary>
public sealed class ProtocolException(ErrorKind kind, string message, params IReadOnlyList<FieldError> errors)
    : Exception(message)
{
    /// <summary>Which rule.</summary>
    public ErrorKind Kind { get; } = kind;

    /// <summary>The fields that are wrong, where it is about fields.</summary>
    public IReadOnlyList<FieldError> Errors { get; } = errors;
}

/// <summary>One wrong field.</summary>
/// <param name="Pointer">JSON pointer as a fragment, such as <c>#/requirements/cpu_cores</c>.</param>
/// <param name="Detail">What is wrong and what would be right.</param>
/// <param name="Code">The code of the catalogue.</param>
public sealed record FieldError(string Pointer, string Detail, string Code);

using A2A.Micro.Contracts.Errors;

namespace A2A.Micro.ServiceDefaults;

/// <summary>What <see cref="JsonGate"/> says about a body.</summary>
/// <param name="Kind">Null when the body may be bound; else the kind to answer with, too large before not valid.</param>
/// <param name="Errors">One entry per offending place, in the order of the text.</param>
public sealed record JsonGateVerdict(ErrorKind? Kind, IReadOnlyList<FieldError> Errors)
{
    /// <summary>The body may be bound.</summary>
    public static JsonGateVerdict Passed { get; } = new(null, []);

    /// <summary>Whether the body may be bound.</summary>
    public bool Ok => Kind is null;

    /// <summary>Throws what an edge answers with, unless the body may be bound.</summary>
    /// <exception cref="ProtocolException">The body may not be bound.</exception>
    public void ThrowIfRefused()
    {
        if (Kind is not null) { throw new ProtocolException(Kind, Errors[0].Detail, Errors); }
    }
}

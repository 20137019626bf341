namespace A2A.Micro.JsonSchema;

/// <summary>Something is no schema that can be used; the pointers lead into the schema.</summary>
public sealed class InvalidSchemaException(IReadOnlyList<SchemaError> errors)
    : Exception("the schema cannot be used: " + string.Join("; ", errors.Select(error => $"{error.Pointer} {error.Message}")))
{
    /// <summary>Every reason.</summary>
    public IReadOnlyList<SchemaError> Errors { get; } = errors;
}

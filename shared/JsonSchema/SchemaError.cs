namespace A2A.Micro.JsonSchema;

/// <summary>One thing that does not fit.</summary>
/// <param name="Pointer">
/// Where, as a JSON pointer in fragment form: <c>#</c>, <c>#/size/width</c>. A member that is missing is named as if it were there.
/// </param>
/// <param name="Keyword">The keyword that says so; empty when a limit of the validator was reached.</param>
/// <param name="Message">For a person: what is expected. It repeats nothing of the instance, which may be secret.</param>
public sealed record SchemaError(string Pointer, string Keyword, string Message);

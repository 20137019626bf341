using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.JsonSchema;

namespace A2A.Micro.AgentSdk.Offers;

/// <summary>
/// Parameters against the schema that this agent announces. The Gateway has checked them when it knew the schema; it may not have
/// known it, or another one, and over the bus tasks come without a Gateway.
/// </summary>
internal sealed class ParameterCheck(JsonElement schema)
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");
    private readonly CompiledSchema compiled = CompiledSchema.From(schema);

    /// <summary>Returns when they fit; absent ones count as an empty object.</summary>
    /// <exception cref="TaskRejectedException">They do not; every failing member is named.</exception>
    public void Require(JsonElement? parameters)
    {
        var given = parameters is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } some ? some : Nothing;
        var errors = compiled.Validate(given);
        if (errors.Count == 0) { return; }
        throw new TaskRejectedException(
            RejectionReason.InvalidParameters,
            Text.Cut(string.Join("; ", errors.Select(error => $"#/parameters{error.Pointer[1..]}: {error.Message}"))));
    }
}

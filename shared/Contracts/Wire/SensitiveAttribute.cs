namespace A2A.Micro.Contracts.Wire;

/// <summary>A member of parameters that holds a secret: it is marked <c>x-sensitive</c> in the schema, and named in the task type.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class SensitiveAttribute : Attribute
{
    /// <summary>The member of a schema that says so.</summary>
    public const string Keyword = "x-sensitive";
}

namespace A2A.Micro.JsonSchema.Evaluation;

/// <summary>One validation became more work than it may be. Never leaves this assembly.</summary>
internal sealed class LimitException(InstancePath at, string message) : Exception(message)
{
    public InstancePath At { get; } = at;
}

namespace A2A.Micro.AgentSdk;

/// <summary>A failure that the author of a handler foresaw; it reaches the submitter with this code and this sentence.</summary>
/// <param name="code">A code of the error catalogue or the handler's own upper-case word.</param>
/// <param name="message">For a person; cut at 2 kB.</param>
/// <param name="retryable">Whether another attempt may help.</param>
public sealed class TaskFailedException(string code, string message, bool retryable) : Exception(message)
{
    /// <summary>The code.</summary>
    public string Code { get; } = code;

    /// <summary>Whether another attempt may help.</summary>
    public bool Retryable { get; } = retryable;
}

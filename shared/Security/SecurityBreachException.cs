namespace A2A.Micro.Security;

/// <summary>
/// A signature, a seal or a sender is not what it claims to be. The text says which check failed and never what was inside; it is final,
/// another attempt cannot change it.
/// </summary>
/// <param name="sentence">What failed.</param>
public sealed class SecurityBreachException(string sentence) : Exception(sentence)
{
    /// <summary>How the text of a message that was refused begins.</summary>
    public const string Word = "SECURITY_ERROR";
}

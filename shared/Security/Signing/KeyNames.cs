namespace A2A.Micro.Security.Signing;

/// <summary>How keys and their owners are called. Pure.</summary>
public static class KeyNames
{
    /// <summary>The owner of the keys that the services sign with.</summary>
    public const string Platform = "platform";

    private const int KidMax = 64;
    private const int AgentMax = 40;

    /// <summary>1 to 64 of letters, digits, dot, dash, underscore.</summary>
    public static bool IsKid(string text) =>
        text is { Length: > 0 and <= KidMax } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>The id of an agent with a broker account: 1 to 40 of <c>a-z 0-9 -</c>, so that it is safe in a pattern of permissions.</summary>
    public static bool IsAgent(string? text) =>
        text is { Length: > 0 and <= AgentMax } && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}

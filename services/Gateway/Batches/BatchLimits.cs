namespace A2A.Micro.Gateway.Batches;

/// <summary>Bounds of a batch that are part of the protocol.</summary>
public static class BatchLimits
{
    /// <summary>Most tasks of one batch.</summary>
    public const int TasksMax = 1000;

    /// <summary>Longest local name.</summary>
    public const int NameLengthMax = 64;

    /// <summary>1..64 characters of <c>[A-Za-z0-9._-]</c>.</summary>
    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= NameLengthMax } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}

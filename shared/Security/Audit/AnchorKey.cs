using A2A.Micro.Security.Signing;

namespace A2A.Micro.Security.Audit;

/// <summary>With what the ends of the audit are signed: the platform's key, as its file stands now.</summary>
/// <param name="file">The file; null: they are not signed.</param>
public sealed class AnchorKey(WatchedFile<SigningKey>? file)
{
    /// <summary>The key; null: there is none.</summary>
    public SigningKey? Current => file?.Value;

    /// <summary>The key of a file.</summary>
    /// <param name="path">Where it is; null or empty: there is none.</param>
    public static AnchorKey Of(string? path) =>
        new(path is { Length: > 0 } ? new WatchedFile<SigningKey>(path, SigningKeyFile.Read, TimeProvider.System) : null);
}

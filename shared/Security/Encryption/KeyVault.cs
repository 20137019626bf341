namespace A2A.Micro.Security.Encryption;

/// <summary>The master keys of this process, as their file stands now.</summary>
public sealed class KeyVault
{
    private readonly WatchedFile<MasterKeys>? _file;
    private readonly MasterKeys? _passing;

    private KeyVault(WatchedFile<MasterKeys>? file, MasterKeys? passing) => (_file, _passing) = (file, passing);

    /// <summary>The keys; null when this installation has none.</summary>
    public MasterKeys? Masters => _file is { } file ? file.Value.Or(file.Fresh) : _passing;

    /// <summary>Nothing can be sealed.</summary>
    public static KeyVault Empty { get; } = new(null, null);

    /// <summary>The keys of a file; without one, those of a process that keeps nothing, or none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="keepsNothing">Whether what is sealed ends with the process.</param>
    /// <param name="clock">Decides when to look at the file again.</param>
    /// <exception cref="SecurityBreachException">The file is open to others, or holds no sound keys.</exception>
    public static KeyVault Of(string? path, bool keepsNothing, TimeProvider clock) =>
        path is { Length: > 0 } ? new(new WatchedFile<MasterKeys>(path, Read, clock).Opened(), null)
        : keepsNothing ? new(null, MasterKeys.Passing())
        : Empty;

    /// <summary>Reads a file of master keys.</summary>
    /// <exception cref="SecurityBreachException">It is open to others, or holds no sound keys.</exception>
    public static MasterKeys Read(string path)
    {
        var text = SecretFile.Read("Security__MasterKeyFile", path);
        try
        {
            return MasterKeys.Parse(text);
        }
        catch (SecurityBreachException e)
        {
            throw new SecurityBreachException($"Security__MasterKeyFile names {path}: {e.Message}.");
        }
    }
}

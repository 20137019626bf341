namespace A2A.Micro.Security;

/// <summary>A file that holds a secret, or says whom to trust. One that others could have read or written is refused.</summary>
public static class SecretFile
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
    private const UnixFileMode Writers = UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    /// <summary>The text of a file with a secret.</summary>
    /// <param name="variable">Which setting names it.</param>
    /// <param name="path">Where it is.</param>
    /// <exception cref="SecurityBreachException">It is not there, or open to others.</exception>
    public static string Read(string variable, string path) => Read(variable, path, Others, "read or written by others: chmod 600");

    /// <summary>The text of a file that says whom to trust, which is no secret.</summary>
    /// <param name="variable">Which setting names it.</param>
    /// <param name="path">Where it is.</param>
    /// <exception cref="SecurityBreachException">It is not there, or others may change it.</exception>
    public static string ReadPublic(string variable, string path) => Read(variable, path, Writers, "written by others: chmod 644");

    private static string Read(string variable, string path, UnixFileMode mode, string what)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & mode) != 0)
            {
                throw new SecurityBreachException($"{variable} names {path}, which can be {what} {path}.");
            }

            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SecurityBreachException($"{variable} names {path}, which cannot be read: {e.Message}");
        }
    }
}

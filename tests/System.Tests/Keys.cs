namespace A2A.Micro.System.Tests;

/// <summary>What a system that asks for credentials needs on its disk.</summary>
internal static class Keys
{
    /// <summary>A key with all rights.</summary>
    public static string Admin { get; } = "a2a_prod_" + new string('a', 16) + "_" + new string('A', 43);

    /// <summary>Makes the files, and says where they are.</summary>
    public static IReadOnlyDictionary<string, string> Settings(string folder) => new Dictionary<string, string>
    {
        ["Security__Mode"] = "required",
        ["Security__AdminKeyFile"] = Write(folder, "admin-key", Admin),
        ["Security__ServiceKeyFile"] = Write(folder, "service-key", $"s1 {Convert.ToBase64String(new byte[32])}"),
        // One caller is the whole load.
        ["Security__KeyRequestsPerSecondMax"] = "0",
    };

    private static string Write(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        if (File.Exists(path)) { return path; }
        File.WriteAllText(path, text + "\n");
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite); }
        return path;
    }
}

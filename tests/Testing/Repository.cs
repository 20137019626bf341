namespace A2A.Micro.Testing;

/// <summary>The source tree that the running test was built from.</summary>
public static class Repository
{
    private const string Marker = "A2A.Micro.sln";

    /// <summary>The folder that holds the solution, found by walking up from the test's own folder.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>
    /// Where a project's assembly lies, built in the same configuration as the running test: <c>Assembly("Gateway")</c>.
    /// </summary>
    /// <exception cref="FileNotFoundException">The project was not built; a test project that starts it has to reference it.</exception>
    public static string Assembly(string project)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var path = Path.Combine(Root, "artifacts", "bin", project, configuration, $"A2A.Micro.{project}.dll");
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"{path} is missing: build {project} first.", path);
    }

    private static string Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Marker)))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No {Marker} in {start} or above it.");
    }
}

namespace A2A.Micro.Architecture.Tests;

/// <summary>The files of this repository; read once, build output and dependencies left out.</summary>
internal static class SourceTree
{
    private static readonly string[] NotOurs =
        ["artifacts", "bin", "obj", "node_modules", "dist", ".git", ".vs", ".idea", ".vscode", ".secrets", "TestResults"];

    private static readonly string[] Read =
        [".cs", ".csproj", ".props", ".targets", ".md", ".sql", ".sh", ".yml", ".yaml", ".sln", ".ts", ".tsx", ".css", ".html"];

    private static readonly string[] ReadByName = ["Dockerfile", "Makefile", ".editorconfig", "run"];

    public static IReadOnlyList<SourceFile> Files { get; } = [.. Below(new DirectoryInfo(Repository.Root))];

    /// <summary>Names directly below the root, as far as git would keep them.</summary>
    public static IReadOnlyList<string> RootNames { get; } =
        [.. new DirectoryInfo(Repository.Root).EnumerateFileSystemInfos().Select(entry => entry.Name)
            .Where(name => !NotOurs.Contains(name) && name != ".env")];

    public static bool Exists(string path)
    {
        var full = Path.Combine(Repository.Root, path);
        return File.Exists(full) || Directory.Exists(full);
    }

    private static IEnumerable<SourceFile> Below(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles().Where(IsRead))
        {
            var path = Path.GetRelativePath(Repository.Root, file.FullName).Replace('\\', '/');
            yield return new SourceFile(path, File.ReadAllText(file.FullName));
        }

        foreach (var inner in folder.EnumerateDirectories().Where(inner => !NotOurs.Contains(inner.Name)))
        {
            foreach (var file in Below(inner))
            {
                yield return file;
            }
        }
    }

    private static bool IsRead(FileInfo file) => Read.Contains(file.Extension) || ReadByName.Contains(file.Name);
}

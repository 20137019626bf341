namespace A2A.Micro.Architecture.Tests;

/// <summary>One file of the tree, as every rule sees it.</summary>
/// <param name="Path">Relative to the root, with forward slashes.</param>
/// <param name="Text">The whole content.</param>
internal sealed record SourceFile(string Path, string Text)
{
    public string Name => System.IO.Path.GetFileName(Path);

    public string Folder => System.IO.Path.GetDirectoryName(Path)?.Replace('\\', '/') ?? "";

    public bool IsCode => Path.EndsWith(".cs", StringComparison.Ordinal);

    public bool IsProject => Path.EndsWith(".csproj", StringComparison.Ordinal);

    public bool IsMarkdown => Path.EndsWith(".md", StringComparison.Ordinal);

    public bool Is(params string[] extensions) => extensions.Any(end => Path.EndsWith(end, StringComparison.Ordinal));

    public bool IsBelow(params string[] folders) =>
        folders.Any(folder => Path.StartsWith(folder + "/", StringComparison.Ordinal));

    public IReadOnlyList<string> Lines { get; } = Text.TrimEnd('\n').Split('\n');
}

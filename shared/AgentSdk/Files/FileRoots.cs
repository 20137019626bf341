using A2A.Micro.Contracts.Errors;
using Microsoft.Extensions.Options;

namespace A2A.Micro.AgentSdk.Files;

/// <summary>
/// The only way from a path in a task to a file: the real path, symbolic links followed, must lie below an allowed root. Paths
/// come from strangers.
/// </summary>
public sealed class FileRoots(IOptions<FileRootsOptions> options)
{
    private const int PathMax = 4096;
    private const int LinksMax = 40;

    private readonly FileRootsOptions options = options.Value;

    /// <summary>The real path of an input file.</summary>
    /// <param name="path">Relative to the data root, or absolute.</param>
    /// <param name="field">The parameter's name, for the message.</param>
    /// <exception cref="TaskRejectedException">Outside the roots, or not a file: <c>INVALID_PARAMETERS</c>.</exception>
    public string Input(string path, string field)
    {
        var real = Resolve(options.DataRoot, path, field);
        IEnumerable<string> roots = options.DataRoots.Count > 0 ? options.DataRoots : [options.DataRoot];
        if (!roots.Any(root => IsBelow(real, RealPath(Path.GetFullPath(root), 0))))
        {
            throw Refuse(field, "lies outside the folders this agent may read");
        }

        return File.Exists(real) ? real : throw Refuse(field, $"there is no file {path}");
    }

    /// <summary>The real path of a file to write; its folder is made.</summary>
    /// <param name="path">Relative to the output root, or absolute.</param>
    /// <param name="field">The parameter's name, for the message.</param>
    /// <exception cref="TaskRejectedException">Outside the output root, or a folder: <c>INVALID_PARAMETERS</c>.</exception>
    public string Output(string path, string field)
    {
        var real = Resolve(options.OutputRoot, path, field);
        if (!IsBelow(real, RealPath(Path.GetFullPath(options.OutputRoot), 0)))
        {
            throw Refuse(field, "lies outside the folder this agent may write to");
        }

        if (Directory.Exists(real) || path.EndsWith('/')) { throw Refuse(field, "is a folder"); }
        try
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(real)!);
        }
        catch (IOException)
        {
            throw Refuse(field, "its folder cannot be made");
        }

        return real;
    }

    private static string Resolve(string root, string path, string field)
    {
        if (path.Length is 0 or > PathMax || path.Contains('\0', StringComparison.Ordinal))
        {
            throw Refuse(field, "is not a path");
        }

        try
        {
            return RealPath(Path.GetFullPath(path, Path.GetFullPath(root)), 0);
        }
        catch (IOException)
        {
            throw Refuse(field, "cannot be resolved");
        }
    }

    // Follows every link on the way, also those inside targets of links; what does not exist is taken as written.
    private static string RealPath(string full, int links)
    {
        if (links > LinksMax) { throw new IOException("too many symbolic links"); }
        var real = Path.GetPathRoot(full)!;
        var segments = full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        foreach (var segment in segments)
        {
            var next = Path.Combine(real, segment);
            real = new FileInfo(next).LinkTarget is { } target
                ? RealPath(Path.GetFullPath(target, real), links + 1)
                : next;
        }

        return real;
    }

    private static bool IsBelow(string path, string root) =>
        path.StartsWith(
            Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static TaskRejectedException Refuse(string field, string why) =>
        new(RejectionReason.InvalidParameters, $"#/parameters/{field}: {why}");
}

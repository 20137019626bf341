using System.Text.RegularExpressions;

namespace A2A.Micro.Architecture.Tests;

/// <summary>Rules about Markdown documents.</summary>
internal static partial class DocRules
{
    /// <summary>One document, one title.</summary>
    public static IEnumerable<string> OneTitle(SourceFile file)
    {
        var titles = Prose(file).Count(line => line.StartsWith("# ", StringComparison.Ordinal));
        return titles == 1 ? [] : [$"{file.Path}: {titles} titles, expected one"];
    }

    /// <summary>A link into the tree has a target. Links to other sites are not followed.</summary>
    public static IEnumerable<string> LinksLeadSomewhere(SourceFile file, Func<string, bool> exists) =>
        from line in Prose(file)
        from Match link in Link().Matches(Code().Replace(line, ""))
        let target = link.Groups["to"].Value.Split('#')[0]
        where target.Length > 0 && !target.Contains(':', StringComparison.Ordinal)
        where !exists(Resolve(file.Folder, Uri.UnescapeDataString(target)))
        select $"{file.Path}: {target} does not exist";

    private static string Resolve(string folder, string target)
    {
        var parts = new List<string>(target.StartsWith('/') ? [] : folder.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    private static IEnumerable<string> Prose(SourceFile file)
    {
        var fenced = false;
        foreach (var line in file.Lines)
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                fenced = !fenced;
            }
            else if (!fenced)
            {
                yield return line;
            }
        }
    }

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Code();
}

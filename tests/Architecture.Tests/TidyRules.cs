using System.Text.RegularExpressions;

namespace A2A.Micro.Architecture.Tests;

/// <summary>Rules that look at one file of code. Each returns one sentence per offence, or nothing.</summary>
internal static partial class TidyRules
{
    private const int MostLines = 300;
    private const int LongestLine = 160;
    private const int MostLinesOfProgram = 12;

    /// <summary>A file that needs more wants to be two.</summary>
    public static IEnumerable<string> FilesAreShort(SourceFile file) =>
        file.IsCode && file.Lines.Count > MostLines
            ? [$"{file.Path}: {file.Lines.Count} lines, at most {MostLines}"]
            : [];

    /// <summary>What does not fit beside a diff is not read.</summary>
    public static IEnumerable<string> LinesAreShort(SourceFile file) =>
        file.IsMarkdown || file.Is(".sln", ".html", ".editorconfig")
            ? []
            : Report(file, line => line.Length > LongestLine, $"longer than {LongestLine} characters");

    /// <summary>Leftover notes belong in the tracker, unfinished code on a branch.</summary>
    public static IEnumerable<string> NothingIsLeftToDo(SourceFile file) =>
        file.IsMarkdown ? [] : Report(file, line => Leftover().IsMatch(line), "leftover note or unfinished code");

    /// <summary>The compiler bans these as well; this also finds them where a pragma hides them.</summary>
    public static IEnumerable<string> TimeIsInjected(SourceFile file) =>
        file.IsCode ? Report(file, line => SystemTime().IsMatch(line), "asks the system's clock instead of a TimeProvider") : [];

    /// <summary>A Program that needs more lines holds something that a module should.</summary>
    public static IEnumerable<string> ProgramsAreOneStatement(SourceFile file) =>
        file.Name == "Program.cs" && file.IsBelow("services", "agents") && file.Lines.Count > MostLinesOfProgram
            ? [$"{file.Path}: {file.Lines.Count} lines, at most {MostLinesOfProgram}"]
            : [];

    /// <summary>Every public type says what it is for. Test classes say it by their names.</summary>
    public static IEnumerable<string> PublicTypesAreExplained(SourceFile file)
    {
        if (!file.IsCode || (file.IsBelow("tests") && !file.IsBelow("tests/Testing")))
        {
            yield break;
        }

        for (var i = 0; i < file.Lines.Count; i++)
        {
            if (PublicType().Match(file.Lines[i]) is { Success: true } type && !IsExplained(file.Lines, i))
            {
                yield return $"{file.Path}:{i + 1}: {type.Groups["name"].Value} has no summary";
            }
        }
    }

    /// <summary>A rule that is switched off without a reason is switched off for ever.</summary>
    public static IEnumerable<string> DisabledRulesHaveReasons(SourceFile file) => file switch
    {
        { Name: ".editorconfig" } => WithoutCommentAbove(file, DisabledInEditorConfig(), "#"),
        { IsCode: true } => WithoutCommentAbove(file, DisabledInCode(), "//"),
        _ when file.Is(".csproj", ".props", ".targets") => WithoutCommentAbove(file, DisabledInProject(), "-->"),
        _ => [],
    };

    private static IEnumerable<string> WithoutCommentAbove(SourceFile file, Regex disabled, string comment)
    {
        for (var i = 0; i < file.Lines.Count; i++)
        {
            var above = i > 0 ? file.Lines[i - 1].Trim() : "";
            var explained = above.StartsWith(comment, StringComparison.Ordinal) || above.EndsWith(comment, StringComparison.Ordinal)
                || (comment == "//" && ReasonBeside().IsMatch(file.Lines[i]));
            if (disabled.IsMatch(file.Lines[i]) && !explained)
            {
                yield return $"{file.Path}:{i + 1}: a rule is switched off without a comment that says why";
            }
        }
    }

    private static bool IsExplained(IReadOnlyList<string> lines, int declaration)
    {
        var i = declaration - 1;
        while (i >= 0 && lines[i].Trim() is { } line && (line.StartsWith('[') || line.EndsWith(']') || line.EndsWith(',')))
        {
            i--;
        }

        for (; i >= 0 && lines[i].TrimStart().StartsWith("///", StringComparison.Ordinal); i--)
        {
            if (lines[i].Contains("<summary>", StringComparison.Ordinal) || lines[i].Contains("<inheritdoc", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> Report(SourceFile file, Func<string, bool> offends, string offence) =>
        file.Lines.Select((line, i) => (line, Number: i + 1)).Where(at => offends(at.line))
            .Select(at => $"{file.Path}:{at.Number}: {offence}");

    // The words are written in two halves, so that this file does not offend against its own rules.
    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK|XX" + @"X|NotImplemented" + @"Exception)\b")]
    private static partial Regex Leftover();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc" + @"Now|N" + @"ow|Tod" + @"ay)\b")]
    private static partial Regex SystemTime();

    [GeneratedRegex(@"^\s*public\s+((sealed|static|abstract|partial|readonly|ref|unsafe)\s+)*"
        + @"(class|record(\s+(class|struct))?|struct|interface|enum)\s+(?<name>\w+)")]
    private static partial Regex PublicType();

    [GeneratedRegex(@"^\s*dotnet_diagnostic\.\w+\.severity\s*=\s*(none|silent|suggestion)")]
    private static partial Regex DisabledInEditorConfig();

    [GeneratedRegex(@"^\s*#pragma\s+warning\s+disable|\[(assembly:\s*)?SuppressMessage\(")]
    private static partial Regex DisabledInCode();

    [GeneratedRegex(@"//|Justification\s*=")]
    private static partial Regex ReasonBeside();

    [GeneratedRegex("<NoWarn>")]
    private static partial Regex DisabledInProject();
}

using System.Text.RegularExpressions;

namespace A2A.Micro.Architecture.Tests;

/// <summary>Whoever reads a number in docs/requirements.md finds the test that shows it.</summary>
internal static partial class RequirementRules
{
    private const string FirstTable = "## Shown";

    /// <summary>Every number of the first table is the trait of a test.</summary>
    public static IEnumerable<string> EveryNumberHasATest(string document, IReadOnlyCollection<SourceFile> tests)
    {
        var shown = tests.SelectMany(file => Traits().Matches(file.Text)).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        return Rows(document).SelectMany(row => row.Numbers).Distinct(StringComparer.Ordinal).Where(number => !shown.Contains(number))
            .Select(number => $"docs/requirements.md: number {number} is the [Trait(\"Requirement\", \"{number}\")] of no test");
    }

    /// <summary>Every test that the table names exists.</summary>
    public static IEnumerable<string> EveryNamedTestExists(string document, IReadOnlyCollection<SourceFile> tests)
    {
        var classes = tests.SelectMany(file => Classes().Matches(file.Text)).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        return Rows(document).SelectMany(row => row.Tests).Distinct(StringComparer.Ordinal).Where(name => !classes.Contains(name))
            .Select(name => $"docs/requirements.md: there is no test class {name}");
    }

    /// <summary>A trait names a number of the table.</summary>
    public static IEnumerable<string> EveryTraitIsInTheTable(string document, IReadOnlyCollection<SourceFile> tests)
    {
        var known = Rows(document, everyTable: true).SelectMany(row => row.Numbers).ToHashSet(StringComparer.Ordinal);
        return
            from file in tests
            from Match match in Traits().Matches(file.Text)
            where !known.Contains(match.Groups[1].Value)
            select $"{file.Path}: requirement {match.Groups[1].Value} is not in docs/requirements.md";
    }

    private static IEnumerable<(IReadOnlyList<string> Numbers, IReadOnlyList<string> Tests)> Rows(string document, bool everyTable = false)
    {
        var isWanted = everyTable;
        foreach (var line in document.Split('\n'))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal)) { isWanted = everyTable || line == FirstTable; }
            var cells = line.Trim('|', ' ').Split(" | ");
            if (!isWanted || !line.StartsWith("| ", StringComparison.Ordinal) || cells.Length < 2 || !char.IsAsciiDigit(cells[0][0])) { continue; }
            yield return (
                [.. cells[0].Split(',', StringSplitOptions.TrimEntries).SelectMany(Range)],
                [.. Names().Matches(cells[^1]).Select(match => match.Groups[1].Value)]);
        }
    }

    private static IEnumerable<string> Range(string numbers)
    {
        var ends = numbers.Split('-').Select(int.Parse).ToArray();
        return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1).Select(number => $"{number}");
    }

    [GeneratedRegex("""Trait\("Requirement", "(\d+)"\)""")]
    private static partial Regex Traits();

    [GeneratedRegex("`([A-Z][A-Za-z]+)`")]
    private static partial Regex Names();

    [GeneratedRegex(@"\bclass (\w+)")]
    private static partial Regex Classes();
}

using System.Text.RegularExpressions;
using A2A.Micro.Testing;

namespace A2A.Micro.Architecture.Tests;

/// <summary>docs/operations.md names every setting that a host reads, and none that it does not.</summary>
public sealed partial class OptionsTableTests
{
    // Read by the framework or by programs themselves: no options class of ours has them.
    private static readonly string[] NotOurs =
        ["ConnectionStrings__Postgres", "Agent__Id", "Agent__DataRoots__0"];

    [Fact]
    public void Every_setting_is_in_the_table_and_nothing_else()
    {
        var documented = File.ReadLines(Path.Combine(Repository.Root, "docs", "operations.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Variable().Matches(line.Split('|')[1]))
            .Select(match => match.Groups[1].Value)
            .Except(NotOurs);

        Assert.Equal(Settings().Except(["Agent__DataRoots"]).Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Settings() =>
        from folder in (string[])["services", "shared"]
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*Options.cs", SearchOption.AllDirectories)
        let text = File.ReadAllText(file)
        from type in Options().Matches(text)
        let section = Section(type.Groups["name"].Value, type.Value)
        from property in Property().Matches(type.Value)
        select section.Replace(":", "__", StringComparison.Ordinal) + "__" + property.Groups[1].Value;

    private static string Section(string type, string text) => type switch
    {
        "OutboxOptions" => "A2A:Outbox",
        "TimerOptions" => "A2A:Timers",
        "FileRootsOptions" => "Agent",
        _ => SectionName().Match(text).Groups[1].Value,
    };

    [GeneratedRegex(@"public sealed class (?<name>\w+Options)\b.*?(?=\npublic |\n\[OptionsValidator|\z)", RegexOptions.Singleline)]
    private static partial Regex Options();

    [GeneratedRegex("const string Section = \"([^\"]+)\"")]
    private static partial Regex SectionName();

    [GeneratedRegex(@"public [\w<>?]+ (\w+) \{ get;( set;)? \}")]
    private static partial Regex Property();

    [GeneratedRegex("`([A-Za-z0-9]+__[A-Za-z0-9_]+)`")]
    private static partial Regex Variable();
}

namespace A2A.Micro.Architecture.Tests;

/// <summary>Every rule runs over the tree, and over a planted offender that it has to report: a rule that cannot fail is no rule.</summary>
public sealed class TidyTests
{
    private const string Code = "services/Planted/Planted.cs";

    [Fact]
    public void Files_of_code_are_short() =>
        Holds(TidyRules.FilesAreShort, new(Code, string.Concat(Enumerable.Repeat("\n", 301)) + "x"));

    [Fact]
    public void Lines_are_short() => Holds(TidyRules.LinesAreShort, new(Code, new string('x', 161)));

    [Fact]
    public void Nothing_is_left_to_do() => Holds(TidyRules.NothingIsLeftToDo, new(Code, "// TO" + "DO later"));

    [Fact]
    public void Time_is_injected() => Holds(TidyRules.TimeIsInjected, new(Code, "var now = DateTimeOffset.Utc" + "Now;"));

    [Fact]
    public void A_program_is_one_statement() =>
        Holds(TidyRules.ProgramsAreOneStatement, new("services/Planted/Program.cs", string.Concat(Enumerable.Repeat("x\n", 13))));

    [Fact]
    public void Every_public_type_is_explained() => Offences.None(SourceTree.Files.SelectMany(TidyRules.PublicTypesAreExplained));

    [Theory]
    [InlineData("public sealed class Planted;")]
    [InlineData("/// <remarks>Not enough.</remarks>\n[Serializable]\npublic readonly record struct Planted(int Value);")]
    [InlineData("/// <summary>Of another type.</summary>\n\npublic interface IPlanted;")]
    public void A_public_type_without_a_summary_is_reported(string offender) =>
        Assert.NotEmpty(TidyRules.PublicTypesAreExplained(new(Code, offender)));

    [Theory]
    [InlineData("/// <summary>Said.</summary>\n[Serializable]\npublic sealed class Said;")]
    [InlineData("/// <summary>\n/// Said.\n/// </summary>\n[One(1),\n Two]\npublic static partial class Said;")]
    [InlineData("internal sealed class Unseen;")]
    public void An_explained_type_is_not_reported(string innocent) =>
        Assert.Empty(TidyRules.PublicTypesAreExplained(new(Code, innocent)));

    [Theory]
    [InlineData(".editorconfig", "indent_size = 4\ndotnet_diagnostic.CA1.severity = none")]
    [InlineData("shared/Planted/Planted.csproj", "<PropertyGroup>\n<NoWarn>$(NoWarn);CA1</NoWarn>")]
    [InlineData(Code, "using System;\n#pragma warning disable CA1")]
    public void A_rule_that_is_switched_off_without_a_reason_is_reported(string path, string offender) =>
        Assert.NotEmpty(TidyRules.DisabledRulesHaveReasons(new(path, offender)));

    [Fact]
    public void A_rule_that_is_switched_off_has_a_reason() =>
        Offences.None(SourceTree.Files.SelectMany(TidyRules.DisabledRulesHaveReasons));

    private static void Holds(Func<SourceFile, IEnumerable<string>> rule, SourceFile offender)
    {
        Assert.NotEmpty(rule(offender));
        Offences.None(SourceTree.Files.SelectMany(rule));
    }
}

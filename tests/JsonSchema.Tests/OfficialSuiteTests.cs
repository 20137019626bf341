using Xunit.Abstractions;

namespace A2A.Micro.JsonSchema.Tests;

/// <summary>Every official case says what it must say, but for those that are listed here with the reason.</summary>
[Trait("Requirement", "86")]
[Trait("Requirement", "88")]
public sealed class OfficialSuiteTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_mandatory_case_is_decided_as_the_suite_says() =>
        Check("", new SchemaOptions { AssertsFormat = false }, fewest: 1000, OfficialExceptions.Mandatory);

    [Fact]
    public void Optional_cases_are_decided_as_the_suite_says_but_for_the_listed_ones() =>
        Check("optional", new SchemaOptions { AssertsFormat = false }, fewest: 100, OfficialExceptions.Optional);

    [Fact]
    public void Formats_are_decided_as_the_suite_says_but_for_the_listed_cases() =>
        Check(Path.Combine("optional", "format"), new SchemaOptions(), fewest: 300, OfficialExceptions.Formats);

    private void Check(string below, SchemaOptions options, int fewest, IReadOnlyDictionary<string, string> exceptions)
    {
        if (OfficialSuite.Folder is null)
        {
            output.WriteLine($"{OfficialSuite.Variable} is not set: the official cases were not run. Our own cases always are.");
            return;
        }

        options = options with { Documents = OfficialSuite.Remotes() };
        var cases = OfficialSuite.Cases(below).ToList();
        var wrong = cases.Where(test => Decide(test, options) != test.Valid).Select(test => test.Name).ToList();
        output.WriteLine($"{cases.Count - wrong.Count} of {cases.Count} cases; {wrong.Count} are known not to pass");
        Assert.True(cases.Count >= fewest, $"only {cases.Count} cases were found");
        Assert.True(wrong.All(exceptions.ContainsKey), string.Join("\n", wrong.Where(name => !exceptions.ContainsKey(name))));
        // A case that passes by now has no business in the list.
        Assert.Empty(exceptions.Keys.Except(wrong));
    }

    private static bool? Decide(OfficialCase test, SchemaOptions options)
    {
        try
        {
            return CompiledSchema.From(test.Schema, options).IsValid(test.Data);
        }
        catch (InvalidSchemaException)
        {
            return null;
        }
    }
}

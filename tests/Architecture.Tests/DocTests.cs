namespace A2A.Micro.Architecture.Tests;

/// <summary>Documents can be read from front to back and followed.</summary>
public sealed class DocTests
{
    private static readonly SourceFile[] Docs = [.. SourceTree.Files.Where(file => file.IsMarkdown)];

    [Theory]
    [InlineData("No title")]
    [InlineData("# One\n\n# Two")]
    [InlineData("```\n# only a comment of a script\n```")]
    public void No_title_or_two_are_reported(string offender) =>
        Assert.NotEmpty(DocRules.OneTitle(new("docs/planted.md", offender)));

    [Fact]
    public void Every_document_has_one_title() => Offences.None(Docs.SelectMany(DocRules.OneTitle));

    [Theory]
    [InlineData("See [this](missing.md).")]
    [InlineData("See [this](../gone.md#part \"title\").")]
    public void A_link_to_nothing_is_reported(string offender) =>
        Assert.NotEmpty(DocRules.LinksLeadSomewhere(new("docs/planted.md", offender), _ => false));

    [Fact]
    public void Every_link_leads_somewhere() =>
        Offences.None(Docs.SelectMany(file => DocRules.LinksLeadSomewhere(file, SourceTree.Exists)));

    [Theory]
    [InlineData("[a](../README.md#top)", "README.md")]
    [InlineData("[a](checklists/add-a-state.md)", "docs/checklists/add-a-state.md")]
    public void A_link_is_resolved_from_its_document(string line, string target) =>
        Assert.Empty(DocRules.LinksLeadSomewhere(new("docs/planted.md", line), path => path == target));

    [Theory]
    [InlineData("[a](https://example.org/x.md)")]
    [InlineData("[a](#part)")]
    [InlineData("`[a](b)`")]
    public void Other_sites_anchors_and_code_are_not_followed(string line) =>
        Assert.Empty(DocRules.LinksLeadSomewhere(new("docs/planted.md", line), _ => false));
}

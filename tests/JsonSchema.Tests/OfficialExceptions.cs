namespace A2A.Micro.JsonSchema.Tests;

/// <summary>Official cases that are decided otherwise here, each with the reason.</summary>
internal static class OfficialExceptions
{
    private const string OneDraft = "only draft 2020-12 is spoken; a schema of another draft is refused";

    private const string Dependencies = "dependencies is a keyword of older drafts: dependentRequired and dependentSchemas took its place";

    private const string Dialects = "whether format is asserted is an option of the caller, not of a dialect";

    private const string Bidi = "RFC 5893 (direction of letters within a label) is not checked";

    /// <summary>None.</summary>
    public static IReadOnlyDictionary<string, string> Mandatory { get; } = new Dictionary<string, string>();

    public static IReadOnlyDictionary<string, string> Optional { get; } = new Dictionary<string, string>
    {
        ["optional/cross-draft | refs to historic drafts are processed as historic drafts | first item not a string is valid"] =
            OneDraft,
        ["optional/dependencies-compatibility | single dependency | missing dependency"] =
            Dependencies,
        ["optional/dependencies-compatibility | multiple dependents required | missing dependency"] =
            Dependencies,
        ["optional/dependencies-compatibility | multiple dependents required | missing other dependency"] =
            Dependencies,
        ["optional/dependencies-compatibility | multiple dependents required | missing both dependencies"] =
            Dependencies,
        ["optional/dependencies-compatibility | dependencies with escaped characters | CRLF missing dependent"] =
            Dependencies,
        ["optional/dependencies-compatibility | dependencies with escaped characters | quoted quotes missing dependent"] =
            Dependencies,
        ["optional/dependencies-compatibility | single schema dependency | wrong type"] =
            Dependencies,
        ["optional/dependencies-compatibility | single schema dependency | wrong type other"] =
            Dependencies,
        ["optional/dependencies-compatibility | single schema dependency | wrong type both"] =
            Dependencies,
        ["optional/dependencies-compatibility | boolean subschemas | object with property having schema false is invalid"] =
            Dependencies,
        ["optional/dependencies-compatibility | boolean subschemas | object with both properties is invalid"] =
            Dependencies,
        ["optional/dependencies-compatibility | schema dependencies with escaped characters | quoted quote"] =
            Dependencies,
        ["optional/dependencies-compatibility | schema dependencies with escaped characters | quoted tab invalid under dependent schema"] =
            Dependencies,
        ["optional/dependencies-compatibility | schema dependencies with escaped characters | quoted quote invalid under dependent schema"] =
            Dependencies,
        ["optional/format-assertion | schema that uses custom metaschema with format-assertion: false | format-assertion: false: invalid string"] =
            Dialects,
        ["optional/format-assertion | schema that uses custom metaschema with format-assertion: true | format-assertion: true: invalid string"] =
            Dialects,
    };

    public static IReadOnlyDictionary<string, string> Formats { get; } = new Dictionary<string, string>
    {
        ["optional/format/idn-hostname | validation of internationalized host names | Bidi domain name with a digit-first label is invalid"] =
            Bidi,
        ["optional/format/idn-hostname | validation of internationalized host names | label starting with a digit before a right-to-left letter is invalid"] =
            Bidi,
        ["optional/format/idn-hostname | validation of internationalized host names | left-to-right label containing a right-to-left letter is invalid"] =
            Bidi,
        ["optional/format/idn-hostname | validation of internationalized host names | right-to-left label mixing both digit types is invalid"] =
            Bidi,
        ["optional/format/idn-hostname | validation of internationalized host names | A-label that decodes to a Bidi rule violation is invalid"] =
            Bidi,
    };
}

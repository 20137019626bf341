using System.ComponentModel.DataAnnotations;

namespace A2A.Micro.AgentSdk.Files;

/// <summary>Which files agents may touch: section <c>Agent</c>, so <c>Agent__DataRoot=/data</c>.</summary>
public sealed class FileRootsOptions : IValidatableObject
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = AgentOptions.Section;

    /// <summary>Where relative input paths begin; absent: <c>samples</c> below the current directory.</summary>
    public string DataRoot { get; set; } = "samples";

    /// <summary>Folders below which inputs may lie; empty: only <see cref="DataRoot"/>.</summary>
    public IList<string> DataRoots { get; } = [];

    /// <summary>The folder below which outputs are written; absent: <c>a2a-output</c> in the system's temporary folder.</summary>
    public string OutputRoot { get; set; } = Path.Combine(Path.GetTempPath(), "a2a-output");

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(DataRoot))
        {
            yield return new("Agent__DataRoot must name a folder", [nameof(DataRoot)]);
        }

        if (string.IsNullOrWhiteSpace(OutputRoot))
        {
            yield return new("Agent__OutputRoot must name a folder", [nameof(OutputRoot)]);
        }

        if (DataRoots.Any(string.IsNullOrWhiteSpace))
        {
            yield return new("Agent__DataRoots__0 and the following must name folders", [nameof(DataRoots)]);
        }
    }
}

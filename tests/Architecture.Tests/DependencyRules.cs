using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace A2A.Micro.Architecture.Tests;

/// <summary>
/// Rules about who may know whom. Project files and compiled assemblies are both read: a reference that is never used leaves no
/// trace in the assembly, and one that comes in through another project leaves none in the project file.
/// </summary>
internal static class DependencyRules
{
    private const string Ours = "A2A.Micro.";

    /// <summary>Services and agents meet only in <c>shared/</c> and over the bus; <c>Standalone</c> alone may see them all.</summary>
    public static IEnumerable<string> OnlySharedIsReferenced(SourceFile project) =>
        !project.IsBelow("services", "agents", "shared") || project.IsBelow("services/Standalone")
            ? []
            : from target in ProjectReferences(project)
              where !target.StartsWith("shared/", StringComparison.Ordinal)
              select $"{project.Path} references {target}";

    /// <summary>A host of everything is the end of every chain of references. Tests may start it.</summary>
    public static IEnumerable<string> NobodyReferencesStandalone(SourceFile project) =>
        project.IsBelow("tests")
            ? []
            : ProjectReferences(project).Where(target => target.StartsWith("services/Standalone/", StringComparison.Ordinal))
                .Select(target => $"{project.Path} references {target}");

    /// <summary>The protocol can be referenced by anybody's agent without bringing a bus or a database.</summary>
    public static IEnumerable<string> ContractsNeedAbstractionsOnly(SourceFile project) =>
        project.Name != "Contracts.csproj"
            ? []
            : References(project, "PackageReference").Except(["MassTransit.Abstractions"]).Concat(ProjectReferences(project))
                .Select(target => $"{project.Path} references {target}");

    /// <summary>What a compiled assembly refers to, checked against the names that it may know.</summary>
    public static IEnumerable<string> AssemblyKnowsOnly(string assembly, Func<string, bool> allowed)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .Where(name => !allowed(name))
            .Select(name => $"{Path.GetFileName(assembly)} refers to {name}")];
    }

    /// <summary>Whether a name is none of ours, or that of a shared project.</summary>
    public static bool IsForeignOrShared(string name, IReadOnlyCollection<string> sharedProjects) =>
        !name.StartsWith(Ours, StringComparison.Ordinal) || sharedProjects.Contains(name[Ours.Length..]);

    private static IEnumerable<string> ProjectReferences(SourceFile project) =>
        References(project, "ProjectReference").Select(target =>
            Path.GetRelativePath("/", Path.GetFullPath(Path.Combine("/", project.Folder, target.Replace('\\', '/')))));

    private static IEnumerable<string> References(SourceFile project, string kind) =>
        XDocument.Parse(project.Text).Descendants(kind).Select(item => item.Attribute("Include")?.Value).OfType<string>();
}

using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Architecture.Tests;

/// <summary>Services meet only in shared projects and over the bus.</summary>
public sealed class DependencyTests
{
    private static readonly SourceFile[] Projects = [.. SourceTree.Files.Where(file => file.IsProject)];

    private static readonly string[] Shared =
        [.. Projects.Where(project => project.IsBelow("shared")).Select(project => Path.GetFileNameWithoutExtension(project.Path))];

    [Theory]
    [InlineData("services/Planted/Planted.csproj", "../Scheduler/Scheduler.csproj")]
    [InlineData("agents/Planted/Planted.csproj", "..\\..\\services\\Gateway\\Gateway.csproj")]
    [InlineData("shared/Planted/Planted.csproj", "../../services/Gateway/Gateway.csproj")]
    public void A_reference_past_the_shared_projects_is_reported(string path, string target) =>
        Assert.NotEmpty(DependencyRules.OnlySharedIsReferenced(Project(path, "ProjectReference", target)));

    [Fact]
    public void Services_and_agents_reference_shared_projects_only() =>
        Offences.None(Projects.SelectMany(DependencyRules.OnlySharedIsReferenced));

    [Fact]
    public void Nobody_references_standalone()
    {
        var offender = Project("tools/a2a/a2a.csproj", "ProjectReference", "../../services/Standalone/Standalone.csproj");
        Assert.NotEmpty(DependencyRules.NobodyReferencesStandalone(offender));
        Offences.None(Projects.SelectMany(DependencyRules.NobodyReferencesStandalone));
    }

    [Theory]
    [InlineData("PackageReference", "MassTransit")]
    [InlineData("ProjectReference", "../Persistence/Persistence.csproj")]
    public void Anything_more_below_the_contracts_is_reported(string kind, string target) =>
        Assert.NotEmpty(DependencyRules.ContractsNeedAbstractionsOnly(Project("shared/Contracts/Contracts.csproj", kind, target)));

    [Fact]
    public void Contracts_need_the_abstractions_of_the_bus_only() =>
        Offences.None(Projects.SelectMany(DependencyRules.ContractsNeedAbstractionsOnly));

    [Fact]
    public void Compiled_contracts_refer_to_the_framework_and_the_abstractions_only() =>
        Offences.None(DependencyRules.AssemblyKnowsOnly(
            typeof(WireJson).Assembly.Location,
            name => name == "MassTransit.Abstractions" || name.StartsWith("System.", StringComparison.Ordinal)));

    [Fact]
    public void Compiled_services_and_agents_refer_to_shared_projects_only()
    {
        // This assembly knows a project below tests/, which a service must not.
        Assert.NotEmpty(Strangers(typeof(DependencyTests).Assembly.Location));

        // When one test project is run alone, not every service has been built; the project files above are always read.
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var assemblies = Projects
            .Where(project => project.IsBelow("services", "agents", "shared") && !project.IsBelow("services/Standalone"))
            .Select(project => Path.GetFileNameWithoutExtension(project.Path))
            .Select(name => Path.Combine(Repository.Root, "artifacts", "bin", name, configuration, $"A2A.Micro.{name}.dll"));
        Offences.None(assemblies.Where(File.Exists).SelectMany(Strangers));
    }

    private static IEnumerable<string> Strangers(string assembly) =>
        DependencyRules.AssemblyKnowsOnly(assembly, name => DependencyRules.IsForeignOrShared(name, Shared));

    private static SourceFile Project(string path, string kind, string target) =>
        new(path, $"""<Project><ItemGroup><{kind} Include="{target}" /></ItemGroup></Project>""");
}

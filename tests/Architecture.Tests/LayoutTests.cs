namespace A2A.Micro.Architecture.Tests;

/// <summary>The tree has the shape that docs/style.md promises.</summary>
public sealed class LayoutTests
{
    private static readonly string[] Paths = [.. SourceTree.Files.Select(file => file.Path)];

    [Fact]
    public void The_root_holds_entry_points_only()
    {
        Assert.NotEmpty(LayoutRules.RootHoldsEntryPointsOnly(["README.md", "PLAN.md"]));
        Offences.None(LayoutRules.RootHoldsEntryPointsOnly(SourceTree.RootNames));
    }

    [Fact]
    public void Every_saga_has_its_five_roles()
    {
        string[] planted = ["services/S/F/XStateMachine.cs", "services/S/F/XSaga.cs", "services/S/F/XSteps.cs"];
        Assert.Equal(2, LayoutRules.SagasHaveFiveRoles(planted).Count());
        Offences.None(LayoutRules.SagasHaveFiveRoles(Paths));
    }

    [Fact]
    public void Every_service_has_its_four_root_files()
    {
        Assert.Equal(3, LayoutRules.ServicesHaveFourRootFiles(["services/Planted/Program.cs"]).Count());
        Offences.None(LayoutRules.ServicesHaveFourRootFiles(Paths));
    }

    [Fact]
    public void The_solution_knows_every_project()
    {
        Assert.NotEmpty(LayoutRules.SolutionKnowsEveryProject("\"shared\\Known\\Known.csproj\"", ["shared/Planted/Planted.csproj"]));
        var solution = SourceTree.Files.Single(file => file.Path == "A2A.Micro.sln").Text;
        Offences.None(LayoutRules.SolutionKnowsEveryProject(
            solution, SourceTree.Files.Where(file => file.IsProject).Select(file => file.Path)));
    }
}

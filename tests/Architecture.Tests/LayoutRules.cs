namespace A2A.Micro.Architecture.Tests;

/// <summary>Rules about which files there are.</summary>
internal static class LayoutRules
{
    private const string Machine = "StateMachine.cs";

    private static readonly string[] AllowedInRoot =
    [
        "A2A.Micro.sln", "Dockerfile", "docker-compose.yml", "run.sh", "test.sh", "Makefile", "init-secrets",
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
        "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", "global.json",
        ".editorconfig", ".gitignore", ".gitattributes", ".dockerignore", ".env.example", ".ci", ".github",
        "services", "shared", "agents", "tools", "tests", "bench", "docs", "samples",
    ];

    /// <summary>The root holds entry points only; a new name there is a decision, made in this list.</summary>
    public static IEnumerable<string> RootHoldsEntryPointsOnly(IEnumerable<string> names) =>
        names.Except(AllowedInRoot).Select(name => $"{name} does not belong in the root");

    /// <summary>Remembers, decides, verbs, stored as, listens how: knowing one saga is knowing all.</summary>
    public static IEnumerable<string> SagasHaveFiveRoles(IReadOnlyCollection<string> paths) =>
        from machine in paths
        where machine.EndsWith(Machine, StringComparison.Ordinal) && !machine.StartsWith("tests/", StringComparison.Ordinal)
        let stem = machine[..^Machine.Length]
        from role in new[] { "Saga.cs", "Steps.cs", "SagaMap.cs", "SagaDefinition.cs" }
        where !paths.Contains(stem + role)
        select $"{machine} has no {Path.GetFileName(stem)}{role} beside it";

    /// <summary>Every service opens the same way: Program, module, options, database.</summary>
    public static IEnumerable<string> ServicesHaveFourRootFiles(IReadOnlyCollection<string> paths) =>
        from service in paths.Select(path => path.Split('/')).Where(parts => parts is ["services", _, ..]).Select(parts => parts[1]).Distinct()
        where service != "Standalone"
        from file in new[] { "Program.cs", $"{service}Module.cs", $"{service}Options.cs", $"{service}Db.cs" }
        where !paths.Contains($"services/{service}/{file}")
        select $"services/{service} has no {file}";

    /// <summary>A project that the solution does not know is neither built nor tested.</summary>
    public static IEnumerable<string> SolutionKnowsEveryProject(string solution, IEnumerable<string> projects) =>
        projects.Where(project => !solution.Replace('\\', '/').Contains($"\"{project}\"", StringComparison.Ordinal))
            .Select(project => $"{project} is missing from A2A.Micro.sln");
}

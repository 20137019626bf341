namespace A2A.Micro.Scheduler.Tests;

/// <summary>Reads the rows of docs/task-lifecycle.md.</summary>
internal static class LifecycleTable
{
    public static IEnumerable<string[]> Read() => Cells(File.ReadLines(Path.Combine(Repository.Root, "docs", "task-lifecycle.md")));

    private static IEnumerable<string[]> Cells(IEnumerable<string> lines) =>
        lines.Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())
            .Where(cells => cells is [not "in state", _, _, _]);
}

using System.Globalization;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.Bench.Line;

/// <summary><c>simulate [FOLDER]</c>: plays 10,000 tasks on 200 agents against every policy, prints a table, and draws pictures of it.</summary>
public static class SimulationRun
{
    private const int Agents = 200, Tasks = 10_000, Seed = 7;
    private const double Pictured = 0.95;
    private static readonly double[] Loads = [0.8, 0.95, 1.1];

    /// <summary>The whole program.</summary>
    /// <param name="folder">Where the pictures go; null: nowhere.</param>
    public static async Task Run(string? folder)
    {
        var fleet = Workload.Fleet(Agents);
        var cores = fleet.Sum(agent => agent.Capacity.CpuMilli) / 1000d;
        Line($"{Agents} agents with {cores:0} cores, {Tasks} tasks, seed {Seed}; seconds");
        Line($"");
        Line($"| load | policy | utilisation | mean wait | p99 wait | longest | longest of a large one | fairness |");
        Line($"| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var load in Loads)
        {
            var tasks = Workload.Tasks(Tasks, load, cores, Seed);
            var runs = Simulation.Policies(fleet).Select(policy => Simulation.Run(policy, tasks)).ToList();
            foreach (var run in runs)
            {
                var (used, fairness) = (run.Utilisation(cores), run.Fairness());
                Line($"| {load:0.00} | {run.Policy} | {used:0.0%} | {run.MeanS:0.0} | {run.P99S:0} | {run.MaxS:0} | {run.MaxLargeS:0} | {fairness:0.000} |");
            }

            if (folder is not null && load == Pictured) { await Draw(folder, load, runs); }
        }
    }

    private static async Task Draw(string folder, double load, IReadOnlyList<SimOutcome> runs)
    {
        _ = Directory.CreateDirectory(folder);
        var name = string.Create(CultureInfo.InvariantCulture, $"{load * 100:0}");
        await File.WriteAllTextAsync(Path.Combine(folder, $"waits-{name}.svg"), Picture.Waits($"Tasks that have waited no longer, load {name} %", runs));
        var slow = runs.Select(run => run.SlowDowns()).ToList();
        await File.WriteAllTextAsync(Path.Combine(folder, $"requesters-{name}.svg"), Picture.Bars(
            $"How many times its run time a task takes, by requester, load {name} %", "1 = it never waits", [.. runs.Select(run => run.Policy)],
            [.. slow[0].Keys.Select(requester => (requester, (IReadOnlyList<double>)[.. slow.Select(one => one[requester])]))]));
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}

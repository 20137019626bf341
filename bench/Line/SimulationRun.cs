using System.Globalization;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.ResourceManager.Ledger;

namespace A2A.Micro.Bench.Line;

/// <summary><c>simulate [FOLDER]</c>: plays 10,000 tasks on 200 agents against every policy, prints a table, and draws pictures of it.</summary>
public static class SimulationRun
{
    private const int Agents = 200, Tasks = 10_000;
    private static readonly int[] Seeds = [1, 2, 3, 5, 7];
    private const double Pictured = 0.95;
    private static readonly double[] Loads = [0.8, 0.95, 1.1];

    /// <summary>The whole program.</summary>
    /// <param name="folder">Where the pictures go; null: nowhere.</param>
    public static async Task Run(string? folder)
    {
        var fleet = Workload.Fleet(Agents);
        var cores = fleet.Sum(agent => agent.Capacity.CpuMilli) / 1000d;
        Line($"{Agents} agents with {cores:0} cores, {Tasks} tasks, mean of the seeds {string.Join(", ", Seeds)} and the least and the most of them; seconds");
        Line($"");
        Line($"| load | policy | utilisation | mean wait | p99 wait | longest | large, burst | large, others | critical | critical p99 | yields | fairness |");
        Line($"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var load in Loads)
        {
            var seeds = Seeds.Select(seed => Workload.Tasks(Tasks, load, cores, seed))
                .Select(tasks => Simulation.Policies(fleet).Select(policy => Simulation.Run(policy, tasks)).ToList()).ToList();
            for (var i = 0; i < seeds[0].Count; i++)
            {
                Line($"| {load:0.00} | {Row([.. seeds.Select(seed => seed[i])], cores)} |");
            }

            if (folder is not null && load == Pictured) { await Draw(folder, load, seeds[0]); }
        }
    }

    private static string Row(IReadOnlyList<SimOutcome> runs, double cores) => string.Join(" | ",
    [
        runs[0].Policy,
        runs.Average(run => run.Utilisation(cores)).ToString("0.0%", CultureInfo.InvariantCulture),
        Span(runs, run => run.MeanS, "0.0"),
        Span(runs, run => run.P99S, "0"),
        Span(runs, run => run.MaxS, "0"),
        Span(runs, run => run.MaxLargeS(true), "0"),
        Span(runs, run => run.MaxLargeS(false), "0"),
        Span(runs, run => run.Critical.Average(), "0.0"),
        Span(runs, run => run.Critical[run.Critical.Count * 99 / 100], "0"),
        runs.Average(run => run.Preemptions).ToString("0", CultureInfo.InvariantCulture),
        runs.Average(run => run.Fairness()).ToString("0.000", CultureInfo.InvariantCulture),
    ]);

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

    private static string Span(IReadOnlyList<SimOutcome> runs, Func<SimOutcome, double> figure, string format)
    {
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return $"{Text(runs.Average(figure))} ({Text(runs.Min(figure))} - {Text(runs.Max(figure))})";
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}

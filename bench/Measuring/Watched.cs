using System.Globalization;

namespace A2A.Micro.Bench.Measuring;

/// <summary>A process whose use of processor and memory is measured, by the kernel's own books (proc(5)).</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="ProcessId">Which.</param>
/// <param name="WithChildren">Counts the processes that it started too, living and ended: PostgreSQL's backends.</param>
public sealed record Watched(string Name, int ProcessId, bool WithChildren = false)
{
    // USER_HZ: fixed at 100 on every architecture that .NET runs on, whatever the kernel's own tick is.
    private const double TicksPerSecond = 100;

    /// <summary>Seconds of processor time, user and system, since it started.</summary>
    public double CpuSeconds()
    {
        var own = Stat(ProcessId);
        if (own is null) { return 0; }
        var ticks = own[11] + own[12];
        if (WithChildren)
        {
            ticks += own[13] + own[14] + Children().Sum(child => Stat(child) is { } stat ? stat[11] + stat[12] : 0);
        }

        return ticks / TicksPerSecond;
    }

    /// <summary>
    /// Most memory it had resident, in MiB. With children: what all of them have now, shared pages counted once, because their peaks
    /// would count the shared buffers once for each.
    /// </summary>
    public double PeakMiB() => WithChildren
        ? Children().Append(ProcessId).Sum(process => Field($"/proc/{process}/smaps_rollup", "Pss:")) / 1024.0
        : Field($"/proc/{ProcessId}/status", "VmHWM:") / 1024.0;

    /// <summary>Forgets the peak so far, where we may.</summary>
    public void ForgetPeak()
    {
        try
        {
            File.WriteAllText($"/proc/{ProcessId}/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's process: its peak is that of its whole life.
        }
    }

    private IEnumerable<int> Children() =>
        from folder in Directory.EnumerateDirectories("/proc")
        let process = int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0
        where process > 0 && Stat(process) is { } stat && stat[1] == ProcessId
        select process;

    // The fields after the name, which is in parentheses and may hold anything: [0] is field 3, the state (a letter, read as 0).
    private static long[]? Stat(int process)
    {
        if (ReadText($"/proc/{process}/stat") is not { } text) { return null; }
        return [.. text[(text.LastIndexOf(')') + 2)..].Split(' ')
            .Select(field => long.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number : 0)];
    }

    private static long Field(string file, string name) =>
        ReadText(file)?.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } found
            ? long.Parse(found.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            : 0;

    private static string? ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it has ended
        }
    }
}

using System.Runtime.InteropServices;
using System.Text.Json;
using A2A.Micro.Bench.Floor;
using A2A.Micro.Bench.Measuring;
using A2A.Micro.Bench.Report;
using A2A.Micro.Bench.Systems;

namespace A2A.Micro.Bench;

/// <summary>One run: measures what was asked for, one system after the other, and prints one table.</summary>
public static class Benchmark
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>The whole program.</summary>
    public static async Task Run(string[] args)
    {
        if (Arguments.Read(args) is not { } arguments || Servers.FromEnvironment() is not { } servers) { return; }
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true; // the children are ended first
            stop.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            await Measure(arguments, servers, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Environment.ExitCode = 130;
        }
    }

    private static async Task Measure(Arguments arguments, Servers servers, CancellationToken cancellation)
    {
        var (broker, database) = await servers.Versions(cancellation);
        var machine = Machine.Now(broker, database);
        var lines = new List<Measurement>();
        foreach (var system in arguments.Only)
        {
            lines.AddRange(system switch
            {
                FloorRun.Name => await FloorRun.Run(arguments, servers, cancellation),
                StandaloneSystem.Name => await SystemRun.Standalone(arguments, cancellation),
                _ => await SystemRun.Distributed(system, arguments, servers, cancellation),
            });
        }

        Console.WriteLine(Printout.Of(machine, lines, servers.AreWatched));
        if (arguments.Profile) { Console.WriteLine(Printout.ProfileOf(lines)); }
        if (arguments.Json is { } file)
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { machine, arguments, lines }, Json), cancellation);
        }

        if (lines.Any(line => line.Errors > 0)) { Environment.ExitCode = 1; }
    }
}

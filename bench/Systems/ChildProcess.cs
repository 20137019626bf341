using System.Diagnostics;
using System.Globalization;
using A2A.Micro.Bench.Measuring;

namespace A2A.Micro.Bench.Systems;

/// <summary>One process of a system, started with <c>dotnet</c>; what it says goes to a file. Disposing kills it.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _writing;

    private ChildProcess(string name, int port, Process process, string log)
    {
        (Name, Log, _process) = (name, log, process);
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
        _writing = Write(process, log);
    }

    /// <summary>What the report calls it.</summary>
    public string Name { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Where its output is.</summary>
    public string Log { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>For the meter.</summary>
    public Watched Watched => new(Name, _process.Id);

    /// <summary>Starts an assembly.</summary>
    /// <param name="name">What the report calls it.</param>
    /// <param name="assembly">Path of the dll.</param>
    /// <param name="port">Where it is to listen.</param>
    /// <param name="settings">Environment variables.</param>
    /// <param name="arguments">The command line.</param>
    public static ChildProcess Start(
        string name, string assembly, int port, IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(assembly),
        };
        _ = start.Environment.Remove("ASPNETCORE_URLS");
        start.Environment["ASPNETCORE_HTTP_PORTS"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Bench";
        start.Environment["Security__Mode"] = "open";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        start.Environment["DOTNET_GCgen0size"] = "0x2000000"; // as in the images
        foreach (var (key, value) in settings) { start.Environment[key] = value; }
        var log = Path.Combine(Directory.CreateTempSubdirectory("a2a-bench-").FullName, name + ".log");
        return new ChildProcess(name, port, Process.Start(start)!, log);
    }

    /// <summary>Waits for its end: the exit code.</summary>
    public async Task<int> Ends()
    {
        await _process.WaitForExitAsync();
        await _writing;
        return _process.ExitCode;
    }

    /// <summary>The last lines that it said.</summary>
    public string Tail() => string.Join('\n', File.ReadLines(Log).TakeLast(20));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) { _process.Kill(entireProcessTree: true); }
        await _process.WaitForExitAsync();
        await _writing;
        _process.Dispose();
        Directory.Delete(Path.GetDirectoryName(Log)!, recursive: true);
    }

    private static async Task Write(Process process, string log)
    {
        await using var file = new StreamWriter(new FileStream(log, FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        using var one = new SemaphoreSlim(1);
        await Task.WhenAll(Copy(process.StandardOutput), Copy(process.StandardError));

        async Task Copy(StreamReader from)
        {
            while (await from.ReadLineAsync() is { } line)
            {
                await one.WaitAsync();
                await file.WriteLineAsync(line);
                _ = one.Release();
            }
        }
    }
}

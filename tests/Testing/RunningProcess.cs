using System.Diagnostics;
using System.Runtime.InteropServices;

namespace A2A.Micro.Testing;

/// <summary>
/// A service as a process of its own, so that a test can do to it what happens to services: kill it, freeze it, stop it. Whatever the
/// process says is kept, and its last lines are part of every failure. Disposing kills it.
/// </summary>
public sealed class RunningProcess : IAsyncDisposable
{
    private const int KeptLines = 2000;
    private const int ShownLines = 40;
    private const int SignalTerminate = 15;
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(45);

    private readonly Process process;
    private readonly Queue<string> lines = [];
    private readonly StreamWriter? log;
    private readonly string name;

    private RunningProcess(string name, ProcessStartInfo start, Uri? address)
    {
        this.name = name;
        Address = address ?? new Uri("http://127.0.0.1/");
        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        log = Log(process.Id);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where the process listens for HTTP.</summary>
    public Uri Address { get; }

    /// <summary>The process's id.</summary>
    public int Id => process.Id;

    /// <summary>Whether the process has ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>Completes with the process.</summary>
    public Task Ended => process.WaitForExitAsync();

    /// <summary>How the process ended; only to be asked when it has.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>What the process wrote so far, both streams in the order of arrival; at most the last 2000 lines.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (lines)
            {
                return [.. lines];
            }
        }
    }

    /// <summary>Starts an assembly with <c>dotnet</c>; it does not wait until it is ready.</summary>
    /// <param name="assembly">Path of the dll; <see cref="Repository.Assembly"/> finds a project's own.</param>
    /// <param name="settings">Environment variables on top of those of the test.</param>
    /// <param name="port">Becomes <c>ASPNETCORE_HTTP_PORTS</c>; a free one when not given.</param>
    /// <param name="arguments">The command line.</param>
    public static RunningProcess Start(
        string assembly,
        IEnumerable<KeyValuePair<string, string>>? settings = null,
        int? port = null,
        params string[] arguments)
    {
        var listens = port ?? FreePort.Next();
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(Path.GetFullPath(assembly)),
        };
        start.Environment.Remove("ASPNETCORE_URLS");
        start.Environment["ASPNETCORE_HTTP_PORTS"] = listens.ToString();
        // Tests of the door say otherwise; all others ask without a credential, on this machine only.
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Test";
        start.Environment["Security__Mode"] = "open";
        foreach (var (key, value) in settings ?? [])
        {
            start.Environment[key] = value;
        }

        var name = Path.GetFileNameWithoutExtension(assembly);
        return new RunningProcess(name, start, new Uri($"http://127.0.0.1:{listens}/"));
    }

    /// <summary>Starts an assembly and waits until <c>/health/ready</c> answers 200.</summary>
    /// <exception cref="EventuallyException">It ended or was not ready in time; the text carries its last lines.</exception>
    public static async Task<RunningProcess> StartReady(
        string assembly,
        IEnumerable<KeyValuePair<string, string>>? settings = null,
        int? port = null,
        params string[] arguments)
    {
        var running = Start(assembly, settings, port, arguments);
        try
        {
            await running.Ready();
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until <c>/health/ready</c> answers 200.</summary>
    /// <exception cref="EventuallyException">It ended or was not ready in time; the text carries its last lines.</exception>
    public async Task Ready(TimeSpan? within = null)
    {
        using var http = new HttpClient { BaseAddress = Address };
        await Eventually.Seen(
            async cancel =>
            {
                if (HasExited)
                {
                    // It has ended before all that it said has been read.
                    await Ended;
                    throw new EventuallyException($"{name} ended with code {ExitCode} before it was ready.{Tail()}");
                }

                using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative), cancel);
                var body = await answer.Content.ReadAsStringAsync(cancel);
                return (answer.IsSuccessStatusCode, Text: $"{(int)answer.StatusCode} {body}");
            },
            seen => seen.IsSuccessStatusCode,
            $"{name} is ready",
            seen => seen.Text + Tail(),
            within ?? TimeSpan.FromSeconds(60));
    }

    /// <summary>Waits for a line of output that contains the text, and returns it.</summary>
    public async Task<string> Says(string text, TimeSpan? within = null) =>
        (await Eventually.Seen(
            _ => Task.FromResult(Output.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal))),
            line => line is not null,
            $"{name} says \"{text}\"",
            _ => Tail(),
            within))!;

    /// <summary>SIGKILL: the process gets no chance to finish anything.</summary>
    public async Task Kill()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as an orchestrator stops a service; returns its exit code.</summary>
    /// <exception cref="EventuallyException">It did not end within the 45 s that an orchestrator grants.</exception>
    public async Task<int> Stop()
    {
        Signal(SignalTerminate);
        await Eventually.True(() => HasExited, $"{name} ends after SIGTERM", Tail, LongestStop);
        return ExitCode;
    }

    /// <summary>SIGSTOP: the process is alive and does nothing, as in a long pause of its machine, until <see cref="Thaw"/>.</summary>
    public void Freeze() => Signal(OperatingSystem.IsMacOS() ? 17 : 19);

    /// <summary>SIGCONT: the process goes on as if no time had passed.</summary>
    public void Thaw() => Signal(OperatingSystem.IsMacOS() ? 19 : 18);

    /// <summary>The last lines of output, ready to be appended to a failure's text.</summary>
    public string Tail()
    {
        var last = Output.TakeLast(ShownLines).ToArray();
        return $"{Environment.NewLine}--- last {last.Length} lines of {name} ({(HasExited ? "ended" : "running")})"
            + string.Concat(last.Select(line => Environment.NewLine + "    " + line));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await Kill();
        }

        process.Dispose();
        lock (lines) { log?.Dispose(); }
    }

    private void Signal(int signal)
    {
        if (Send(process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"Signal {signal} did not reach {name}.{Tail()}");
        }
    }

    // For whoever must read more than the end of it.
    private StreamWriter? Log(int id)
    {
        if (Environment.GetEnvironmentVariable("A2A_TEST_LOGS") is not { Length: > 0 } folder) { return null; }
        var file = Path.Combine(Directory.CreateDirectory(folder).FullName, $"{TimeProvider.System.GetUtcNow():HHmmss}-{name}-{id}.log");
        return new StreamWriter(file) { AutoFlush = true };
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (lines)
        {
            log?.WriteLine(line);
            lines.Enqueue(line);
            if (lines.Count > KeptLines)
            {
                lines.Dequeue();
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Send(int process, int signal);
}

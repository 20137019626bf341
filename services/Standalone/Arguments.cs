using System.Globalization;

namespace A2A.Micro.Standalone;

/// <summary>What the command line asks for.</summary>
public sealed record Arguments
{
    private const string Help = """
        A2A.Micro in one process: four services and four sample agents, in memory, on http://127.0.0.1:8080

          run.sh                          works on the shipped samples, then stays up until Ctrl-C
          run.sh --file path/to/any.csv   works on your own file (.csv, .json, .ndjson); may be repeated
          run.sh --no-demo                only serves
          run.sh --port 9000              listens there
          run.sh --verbose                shows what the services log
          run.sh --migrate                brings the database of ConnectionStrings__Postgres up to date, and ends
        """;

    private static readonly string[] Extensions = [".csv", ".json", ".ndjson", ".jsonl"];

    /// <summary>The files to work on; none: the shipped samples.</summary>
    public IReadOnlyList<string> Files { get; private init; } = [];

    /// <summary>Whether the demo job runs.</summary>
    public bool Demo { get; private init; } = true;

    /// <summary>What is left for the host: settings.</summary>
    public string[] ForHost { get; private init; } = [];

    /// <summary>Folder of the shipped samples.</summary>
    public static string Samples { get; } = Path.Combine(AppContext.BaseDirectory, "samples");

    /// <summary>Null when there is nothing to run: help was asked for, or something is wrong and has been said.</summary>
    public static Arguments? Read(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var files = new List<string>();
        var host = new List<string> { "--Agent:DataRoot=" + Samples, "--Agent:DataRoots:0=" + Samples };
        var demo = true;
        var verbose = false;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--help" or "-h":
                    Console.WriteLine(Help);
                    return null;
                case "--no-demo": demo = false; break;
                case "--verbose": verbose = true; break;
                case "--migrate":
                    (demo, verbose) = (false, true);
                    host.Add(args[i]);
                    break;
                case "--file" when i + 1 < args.Length: files.Add(Path.GetFullPath(args[++i])); break;
                case "--port" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var port):
                    host.Add($"--http_ports={port}");
                    i++;
                    break;
                case var file when File.Exists(file): files.Add(Path.GetFullPath(file)); break;
                case var setting when setting.StartsWith("--", StringComparison.Ordinal) && setting.Contains('=', StringComparison.Ordinal):
                    host.Add(setting);
                    break;
                case var unknown: return Refuse($"'{unknown}' is not understood.\n\n{Help}");
            }
        }

        if (files.Find(file => !File.Exists(file)) is { } missing) { return Refuse($"There is no file {missing}."); }
        if (files.Find(file => !Extensions.Contains(Path.GetExtension(file).ToLowerInvariant())) is { } odd)
        {
            return Refuse($"{odd}: the sample agents read {string.Join(", ", Extensions)}.");
        }

        host.AddRange(files.Select((file, i) => $"--Agent:DataRoots:{i + 1}={Path.GetDirectoryName(file)}"));
        if (!verbose) { host.Add("--Logging:LogLevel:Default=Error"); }
        return new Arguments { Files = files, Demo = demo, ForHost = [.. host] };
    }

    private static Arguments? Refuse(string sentence)
    {
        Console.Error.WriteLine(sentence);
        Environment.ExitCode = 2;
        return null;
    }
}

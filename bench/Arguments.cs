using System.Globalization;

namespace A2A.Micro.Bench;

/// <summary>What a run measures.</summary>
public sealed record Arguments
{
    /// <summary>What <c>--help</c> prints.</summary>
    public const string Help = """
        Measures how fast a task gets from its submission to a readable result, and what that costs.

          --tasks N        tasks of the workloads with many in flight (5000)
          --single N       tasks of the workload with one at a time (200)
          --graphs N       graphs of tasks, one at a time: 1, 100 and 1, and 20 in a row (20)
          --submitters N   connections that submit, and tasks in flight (64)
          --waiting N      tasks that wait for ever while many in flight are measured once more (0: not measured)
          --payload N      bytes of a task's payload (300)
          --warmup N       tasks before anything is measured (1000)
          --only A,B       of floor, standalone, distributed, secured, sealed (the first three)
          --security       the cost of security: distributed, secured, sealed, and distributed once more
          --profile        also prints processor time and memory per process, commits and WAL per task
          --json FILE      also writes everything there

        Needs A2A_TEST_RABBITMQ and A2A_TEST_POSTGRES; bench/run.sh starts both servers and sets them.
        """;

    private static readonly string[] Known = ["floor", "standalone", "distributed", "secured", "sealed"];

    // First and last the same: what differs between them is the machine's doing.
    private static readonly string[] Security = ["distributed", "secured", "sealed", "distributed"];

    /// <summary>Tasks of the workloads with many in flight.</summary>
    public int Tasks { get; private init; } = 5000;

    /// <summary>Tasks of the workload with one at a time.</summary>
    public int Single { get; private init; } = 200;

    /// <summary>Graphs of each kind.</summary>
    public int Graphs { get; private init; } = 20;

    /// <summary>Connections that submit.</summary>
    public int Submitters { get; private init; } = 64;

    /// <summary>Tasks that wait meanwhile; 0: none, and nothing is measured beside them.</summary>
    public int Waiting { get; private init; }

    /// <summary>Bytes of a payload.</summary>
    public int Payload { get; private init; } = 300;

    /// <summary>Tasks before the first measurement of each system, so that compiled code is what is measured.</summary>
    public int Warmup { get; private init; } = 1000;

    /// <summary>Which systems.</summary>
    public IReadOnlyList<string> Only { get; private init; } = Known[..3];

    /// <summary>Whether the table of processes is printed.</summary>
    public bool Profile { get; private init; }

    /// <summary>Where the JSON goes; null: nowhere.</summary>
    public string? Json { get; private init; }

    /// <summary>Null after a message, when something is not understood.</summary>
    public static Arguments? Read(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var read = new Arguments();
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            if (args[i] == "--profile")
            {
                read = read with { Profile = true };
                continue;
            }

            if (args[i] == "--security")
            {
                read = read with { Only = Security };
                continue;
            }

            if (With(read, args[i], value) is not { } next)
            {
                Console.Error.WriteLine(args[i] is "--help" or "-h" ? Help : $"'{args[i]} {value}' is not understood.\n\n{Help}");
                Environment.ExitCode = 2;
                return null;
            }

            read = next;
            i++;
        }

        return read;
    }

    private static Arguments? With(Arguments read, string name, string value) => name switch
    {
        "--tasks" when Count(value) is { } count => read with { Tasks = count },
        "--single" when Count(value) is { } count => read with { Single = count },
        "--graphs" when Count(value) is { } count => read with { Graphs = count },
        "--submitters" when Count(value) is { } count => read with { Submitters = count },
        "--waiting" when Count(value) is { } count => read with { Waiting = count },
        "--payload" when Count(value) is { } count => read with { Payload = count },
        "--warmup" when Count(value) is { } count => read with { Warmup = count },
        "--only" when value.Split(',') is var chosen && chosen.All(Known.Contains) => read with { Only = chosen },
        "--json" when value.Length > 0 => read with { Json = Path.GetFullPath(value) },
        _ => null,
    };

    private static int? Count(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : null;
}

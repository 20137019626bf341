using System.Collections.Concurrent;
using System.Globalization;
using A2A.Micro.ServiceDefaults;
using Npgsql;

namespace A2A.Micro.System.Tests;

/// <summary>
/// Four services and some agents, each a process of its own, on a virtual host and a database that nobody else uses. Any of them can
/// be killed, frozen and started again under the same name, address and settings.
/// </summary>
public sealed class RunningSystem : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);

    private readonly RabbitBroker broker = new();
    private readonly Dictionary<string, Part> parts = [];
    private readonly SystemPlan plan;
    private readonly ConcurrentQueue<string> startedAgain = new();
    private HttpClient? http;
    private TcpWay? way;

    private RunningSystem(SystemPlan plan) => this.plan = plan;

    /// <summary>The database of this system, for a look behind the scenes at the end of a test.</summary>
    public PostgresServer Database { get; } = new();

    /// <summary>Ids of the planned agents.</summary>
    public IReadOnlyList<string> Agents => [.. plan.Agents.Select(agent => agent.Id)];

    /// <summary>The virtual host of this system.</summary>
    public string VirtualHost => broker.VirtualHost;

    /// <summary>The way to the broker, for a client of the test's own.</summary>
    public Uri Broker => broker.Address;

    /// <summary>Talks to the Gateway.</summary>
    public HttpClient Http => http!;

    /// <summary>The connection between every process and the broker; only with <see cref="SystemPlan.CanLoseBroker"/>.</summary>
    internal TcpWay WayToBroker => way!;

    /// <summary>Where the agents read.</summary>
    public string Data => Path.Combine(Folder, "data");

    /// <summary>Where the agents write.</summary>
    public string Output => Path.Combine(Folder, "output");

    private string Folder { get; } = Directory.CreateTempSubdirectory("a2a-system-").FullName;

    /// <summary>Starts everything and waits until every service is ready and every agent known.</summary>
    public static async Task<RunningSystem> Start(SystemPlan plan)
    {
        var system = new RunningSystem(plan);
        try
        {
            await system.Start();
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>The process with this name: <c>Gateway</c>, <c>Scheduler</c>, ..., or an agent's id.</summary>
    public RunningProcess this[string name] => parts[name].Process!;

    /// <summary>The way to the broker as settings of a process.</summary>
    public IReadOnlyDictionary<string, string> BrokerSettings => broker.Settings;

    /// <summary>SIGKILL.</summary>
    public Task Kill(string name) => this[name].Kill();

    /// <summary>Starts a part again that has ended, as it was started first.</summary>
    public async Task StartAgain(string name)
    {
        await Replace(name, []);
        await parts[name].Process!.Ready(StartPatience);
    }

    /// <summary>Starts what has died, and waits until everybody is there: a test that failed halfway does not take the next one with it.</summary>
    public async Task MakeWhole()
    {
        await Task.WhenAll(parts.Where(part => part.Value.Process is { HasExited: true }).Select(part => StartAgain(part.Key)));
        await this.AgentsAreOnline();
        await this.EndWhatIsOpen();
    }

    /// <summary>Starts a part again with failpoints armed; when one of them kills, that may be before it is ready.</summary>
    public Task StartMined(string name, string failpoints) => Replace(
        name, [new("A2A_FAILPOINTS", failpoints), new("ASPNETCORE_ENVIRONMENT", "Test")]);

    /// <summary>The last lines of every process, for the text of a failure.</summary>
    public string Tails() => string.Concat(startedAgain.Concat(parts.Values.Select(part => part.Process?.Tail())));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        http?.Dispose();
        foreach (var part in parts.Values)
        {
            if (part.Process is { } process) { await process.DisposeAsync(); }
        }

        if (way is not null) { await way.DisposeAsync(); }
        await broker.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task Start()
    {
        await broker.InitializeAsync();
        await Database.InitializeAsync();
        if (plan.CanLoseBroker) { way = new TcpWay(broker.Host, broker.Port); }
        _ = Directory.CreateDirectory(Data);
        _ = Directory.CreateDirectory(Output);
        await File.WriteAllTextAsync(Path.Combine(Data, "small.csv"), "region,units\nEast,5\nWest,7\nNorth,\n");
        Add("StateSync", "StateSync");
        Add("Scheduler", "Scheduler");
        Add("ResourceManager", "ResourceManager");
        Add("Gateway", "Gateway");
        foreach (var agent in plan.Agents) { Add(agent.Id, agent.Project); }
        foreach (var service in plan.HasTwins ? ["StateSync", "Scheduler", "ResourceManager", "Gateway"] : Array.Empty<string>())
        {
            Add(service + "-2", service);
        }

        await Task.WhenAll(parts.Keys.Select(StartAgain));
        http = new HttpClient { BaseAddress = this["Gateway"].Address, Timeout = TimeSpan.FromSeconds(30) };
        await this.AgentsAreOnline();
    }

    private async Task Replace(string name, IEnumerable<KeyValuePair<string, string>> more)
    {
        var part = parts[name];
        if (part.Process is { } old) { await old.DisposeAsync(); }
        part.Process = RunningProcess.Start(Repository.Assembly(part.Project), part.Settings.Concat(more), part.Port);
        _ = Supervise(part, part.Process);
    }

    // What everybody's supervisor does with a service that asks for it; all other deaths are the test's own.
    private async Task Supervise(Part part, RunningProcess process)
    {
        await process.Ended;
        if (!ReferenceEquals(part.Process, process) || process.ExitCode != BusWatchdog.ExitCode) { return; }
        startedAgain.Enqueue($"{Environment.NewLine}{part.Project} asked to be started again{process.Tail()}");
        part.Process = RunningProcess.Start(Repository.Assembly(part.Project), part.Settings, part.Port);
        _ = Supervise(part, part.Process);
    }

    private void Add(string name, string project)
    {
        var stateSync = parts.TryGetValue("StateSync", out var first) ? first.Port : 0;
        var settings = new Dictionary<string, string>(broker.Settings)
        {
            ["ConnectionStrings__Postgres"] = new NpgsqlConnectionStringBuilder(Database.ConnectionString)
            {
                MaxPoolSize = 30,
            }.ConnectionString,
            ["StateSync__Url"] = $"http://127.0.0.1:{stateSync}",
            ["A2A__ResourceManager__Lease"] = plan.Lease.ToString("c", CultureInfo.InvariantCulture),
            ["A2A__ResourceManager__SweepInterval"] = "00:00:00.500",
            ["RabbitMq__StallSeconds"] = "30",
            ["Agent__Id"] = name,
            ["Agent__DataRoot"] = Data,
            ["Agent__OutputRoot"] = Output,
            ["Agent__Heartbeat"] = "00:00:01",
            ["Agent__Lease"] = plan.Lease.ToString("c", CultureInfo.InvariantCulture),
            ["Agent__LeaseMargin"] = "00:00:02",
        };
        if (way is not null) { settings["RabbitMq__Port"] = way.Port.ToString(CultureInfo.InvariantCulture); }
        foreach (var (key, value) in plan.Settings) { settings[key] = value; }
        parts[name] = new Part(project, FreePort.Next(), settings);
    }

    private sealed class Part(string project, int port, Dictionary<string, string> settings)
    {
        public string Project { get; } = project;

        public int Port { get; } = port;

        public Dictionary<string, string> Settings { get; } = settings;

        public RunningProcess? Process { get; set; }
    }
}

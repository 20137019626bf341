using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using A2A.Micro.AgentSdk;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.Standalone;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace A2A.Micro.Security.Tests;

/// <summary>Two hundred secrets go through the whole system on real servers, and are then looked for everywhere.</summary>
[Trait("Requirement", "43")]
public sealed class CanaryTests(PostgresServer database, RabbitBroker broker) : IClassFixture<PostgresServer>, IClassFixture<RabbitBroker>
{
    private const int Count = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    // Of this run alone: the broker's files remember others, and those that found something.
    private readonly string _mark = "canary-" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("n")[^12..];
    private readonly ConcurrentBag<string> _heard = [];
    private readonly ConcurrentBag<string> _said = [];
    private readonly ConcurrentBag<(string Secret, string Task)> _asked = [];

    public sealed record Login([property: Sensitive] string Password, string User);

    public sealed record Session([property: Sensitive] string Token);

    public sealed record Part([property: Sensitive] string Token);

    [Fact]
    public async Task No_secret_is_in_database_broker_logs_traces_or_answers()
    {
        var secrets = Enumerable.Range(0, Count).Select(i => $"{_mark}-{i:000}-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):n}").ToList();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => _said.Add(
                string.Join('\n', span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Append(span.StatusDescription ?? ""))),
        };
        ActivitySource.AddActivityListener(listener);
        var app = await Start();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        _ = await Eventually.Seen(
            cancel => http.GetStringAsync("/v1/task-types", cancel), seen => seen.Contains("demo.login", StringComparison.Ordinal), "the type is known");
        await Task.WhenAll(secrets.Select((secret, i) => Run(http, secret, i)));
        foreach (var (secret, task) in _asked)
        {
            _said.Add(await http.GetStringAsync($"/v1/tasks/{task}/commands"));
            Assert.Contains("answer-" + secret, _heard);
        }

        Assert.Equal(Count / 5, _asked.Count);
        Assert.Equal(Count / 5, _heard.Count(one => one.StartsWith("child-", StringComparison.Ordinal)));
        _said.Add(await http.GetStringAsync("/v1/tasks?limit=200"));
        _said.Add(await http.GetStringAsync($"/v1/tasks/{_asked.First().Task}/partials"));
        _said.Add(await Dump());
        await app.StopAsync();
        await app.DisposeAsync();

        Assert.All(secrets, secret => Assert.Contains(secret, _heard));
        var everything = string.Join('\n', _said.Concat(Files()));
        Assert.Contains("\"$enc\"", everything, StringComparison.Ordinal);
        Assert.DoesNotContain(_mark, everything, StringComparison.Ordinal);
    }

    // Some fail with the secret in their error, some ask for another secret, some hand it to a child.
    private async Task Run(HttpClient http, string secret, int number)
    {
        var user = (number % 5) switch { 0 => "nobody", 1 => "asks", 2 => "parent", _ => "ann" };
        var task = $"keeper-{number}";
        using var reply = await http.PostAsJsonAsync("/v1/tasks" + (user == "asks" ? "" : "?wait=20"),
            new { task_id = task, task_type = "demo.login", parameters = new { password = secret, user }, retry = new { max_attempts = 1 } });
        var text = await reply.Content.ReadAsStringAsync();
        if (user == "asks")
        {
            _said.Add(await Eventually.Seen(cancel => http.GetStringAsync("/v1/tasks/" + task, cancel),
                seen => seen.Contains("input_required", StringComparison.Ordinal), "it asks", within: Patience));
            using var answer = await http.PostAsJsonAsync($"/v1/tasks/{task}/input", new { input = "answer-" + secret });
            _said.Add(await answer.Content.ReadAsStringAsync());
            _asked.Add((secret, task));
        }

        _said.Add(text);
        var end = user == "nobody" ? "failed" : "completed";
        _said.Add(await Eventually.Seen(cancel => http.GetStringAsync($"/v1/tasks/{task}?wait=10", cancel),
            seen => JsonElement.Parse(seen).GetProperty("state").GetString() == end, $"{task} is {end}", within: Patience));
    }

    private async Task<string> Dump()
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var text = new StringBuilder();
        await using var tables = source.CreateCommand(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')");
        var names = new List<string>();
        await using (var reader = await tables.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync()) { names.Add(reader.GetString(0)); }
        }

        foreach (var name in names)
        {
            await using var rows = source.CreateCommand($"SELECT t::text FROM {name} AS t");
            await using var reader = await rows.ExecuteReaderAsync();
            while (await reader.ReadAsync()) { _ = text.AppendLine(reader.GetString(0)); }
        }

        return text.ToString();
    }

    // What the broker wrote to its disk, where this run has started it.
    private static IEnumerable<string> Files()
    {
        var folder = Path.Combine(Path.GetDirectoryName(Environment.GetEnvironmentVariable("A2A_TEST_RABBITMQCTL") ?? "") ?? "", "rabbitmq");
        if (!Directory.Exists(folder)) { yield break; }
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        foreach (var file in Directory.EnumerateFiles(folder, "*", options).Where(file => new FileInfo(file).Length is > 0 and < 100_000_000))
        {
            string text;
            try { text = Encoding.Latin1.GetString(File.ReadAllBytes(file)); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { continue; }
            yield return text;
        }
    }

    private async Task<WebApplication> Start()
    {
        var key = Path.GetTempFileName(); // readable by its owner alone
        await File.WriteAllTextAsync(key, $"m1 {Convert.ToBase64String(new byte[32])}\n");
        var agent = new AgentModule("keeper", describe => describe.Slots(250).Handle<Login, Session>("demo.login", Perform));
        string[] settings =
        [
            "--environment=Test", "--Security:Mode=open", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Debug",
            "--ConnectionStrings:Postgres=" + database.ConnectionString,
            "--Security:MasterKeyFile=" + key, .. broker.Settings.Select(pair => $"--{pair.Key.Replace("__", ":", StringComparison.Ordinal)}={pair.Value}"),
        ];
        var app = MicroHost.Build(settings, TransportKind.RabbitMq, StoreKind.Postgres, [.. EmbeddedSystem.Services(), agent]);
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(new Ear(_said));
        await app.StartAsync();
        return app;
    }

    private async Task<Session> Perform(Login login, TaskContext task)
    {
        _heard.Add(login.Password);
        task.Progress(0.5, "working with " + login.Password);
        switch (login.User)
        {
            case "nobody":
                throw new InvalidOperationException("nobody has the password " + login.Password);
            case "asks":
                await task.Partial(new Part("part of " + login.Password), 0.4, "go on with " + login.Password);
                _heard.Add((await task.Ask(new InputQuestion { Key = "pin", Question = "For " + login.Password + "?", InputKind = "auth" })).GetString()!);
                break;
            case "parent":
                var child = await task.Children.Submit("one", "demo.login", new Login("child-" + login.Password, "ann"));
                return await child.Result<Session>();
            default:
                break;
        }

        return new Session("token of " + login.Password);
    }

    private sealed class Ear(ConcurrentBag<string> said) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            said.Add(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}

using A2A.Micro.AgentSdk;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.Standalone;
using Microsoft.AspNetCore.Builder;

namespace A2A.Micro.Security.Tests;

/// <summary>Everything in one process with a master key, and an agent that asks, saves its place and hands in children.</summary>
public sealed class SealedHost : IAsyncLifetime
{
    private readonly string _masters = Path.GetTempFileName(); // readable by its owner alone
    private readonly List<string> _seen = [];
    private WebApplication _app = null!;

    public sealed record Login([property: Sensitive] string Password, string? Then = null);

    public sealed record Session([property: Sensitive] string Token);

    public sealed record Plain(string Then);

    public sealed record Done(string Said);

    public HttpClient Http { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    /// <summary>What handlers have seen that begins so.</summary>
    public IReadOnlyList<string> Seen(string beginning)
    {
        lock (_seen) { return [.. _seen.Where(one => one.StartsWith(beginning, StringComparison.Ordinal))]; }
    }

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_masters, $"m1 {Convert.ToBase64String(new byte[32])}\n");
        var agent = new AgentModule("keeper", describe => describe.Slots(8)
            .Handle<Login, Session>("demo.login", LogIn)
            .Handle<Plain, Done>("demo.plain", Work));
        _app = MicroHost.Build(
            ["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Error", "--Security:MasterKeyFile=" + _masters],
            TransportKind.InMemory, StoreKind.InMemory, [.. EmbeddedSystem.Services(), agent]);
        await _app.StartAsync();
        Http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        _ = await Eventually.Seen(
            cancel => Http.GetStringAsync("/v1/task-types", cancel), seen => seen.Contains("demo.plain", StringComparison.Ordinal), "the types are known");
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        File.Delete(_masters);
    }

    private async Task<Session> LogIn(Login login, TaskContext task)
    {
        if (login.Then == "ask") { await Ask(task); }
        if (login.Then == "child")
        {
            var child = await task.Children.Submit("one", new ChildTask
            {
                TaskType = "demo.login",
                Parameters = new Login("child-" + login.Password, "login"),
                SensitiveResults = ["/token"],
            });
            return new Session((await child.Result<Session>()).Token + " for the parent");
        }

        if (login.Then == "login") { See("child login of " + login.Password); }
        if (login.Then == "again")
        {
            See($"{login.Password} from {task.ResumeToken}");
            await task.Partial(new Session("part of " + login.Password), 0.5, "at " + login.Password);
            if (task.Attempt == 1) { throw new TaskFailedException("ONCE_MORE", "it did not work", retryable: true); }
        }

        return new Session("token of " + login.Password);
    }

    private async Task<Done> Work(Plain plain, TaskContext task)
    {
        if (plain.Then == "ask") { await Ask(task); }
        if (plain.Then == "child") { _ = await task.Children.Submit("one", "demo.login", new Login("hunter2-of-the-handler")); }
        return new Done("done");
    }

    // A second attempt is told the answer with the offer.
    private async Task Ask(TaskContext task)
    {
        var answer = await task.Ask(new InputQuestion { Key = "pin", Question = "Which?", InputKind = "form", Sensitive = true });
        See("pin " + answer.GetProperty("pin").GetString());
        if (task.Attempt == 1) { throw new TaskFailedException("ONCE_MORE", "it did not work", retryable: true); }
    }

    private void See(string what)
    {
        lock (_seen) { _seen.Add(what); }
    }
}

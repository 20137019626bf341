using System.Net.Http.Json;
using System.Text.Json;
using A2A.Micro.AgentSdk;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.Standalone;
using Microsoft.AspNetCore.Builder;

namespace A2A.Micro.Security.Tests;

/// <summary>A task with secrets in it, from the caller to the handler and back.</summary>
[Trait("Requirement", "43")]
[Trait("Requirement", "60")]
public sealed class SealedTaskTests : IAsyncLifetime
{
    private const string Secret = "hunter2-of-the-caller";
    private readonly List<string> _seen = [];
    private readonly string _masters = Path.GetTempFileName(); // readable by its owner alone
    private readonly List<string> _keys = [];
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public sealed record Login([property: Sensitive] string Password, string User, string[]? More = null);

    public sealed record Session([property: Sensitive] string Token, string For);

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        Use("m1");
        var agent = new AgentModule("keeper", describe => describe.Slots(4)
            .Handle<Login, Session>("demo.login", (login, _) =>
            {
                lock (_seen) { _seen.Add(login.Password + "/" + string.Join(",", login.More ?? [])); }
                return login.User == "nobody"
                    ? throw new TaskFailedException("NO_SUCH_USER", $"the password {login.Password} is of nobody", false)
                    : Task.FromResult(new Session("token-" + login.Password, login.User));
            }));
        _app = MicroHost.Build(
            ["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Error", "--Security:MasterKeyFile=" + _masters],
            TransportKind.InMemory, StoreKind.InMemory, [.. EmbeddedSystem.Services(), agent]);
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        _ = await Eventually.Seen(
            cancel => _http.GetStringAsync("/v1/task-types", cancel), seen => seen.Contains("demo.login", StringComparison.Ordinal), "the type is known");
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        File.Delete(_masters);
    }

    [Fact]
    public async Task The_handler_sees_the_secret_and_no_reader_does()
    {
        var task = await Run($$$"""
            {"task_type":"demo.login","parameters":{"password":"{{{Secret}}}","user":"ann","more":["m-1","m-2"]},"sensitive":["/more/*"]}
            """);

        Assert.Equal("completed", task.GetProperty("state").GetString());
        lock (_seen) { Assert.Contains(Secret + "/m-1,m-2", _seen); }
        Assert.DoesNotContain(Secret, task.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("m-1", task.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("""{"sensitive":true}""", task.GetProperty("parameters").GetProperty("password").GetRawText());
        Assert.Equal("""{"sensitive":true}""", task.GetProperty("result").GetProperty("token").GetRawText());
        Assert.Equal("ann", task.GetProperty("result").GetProperty("for").GetString());
    }

    [Fact]
    public async Task The_requester_may_have_the_result_opened()
    {
        var task = await Run($$$"""{"task_type":"demo.login","parameters":{"password":"{{{Secret}}}","user":"ann"}}""");
        var result = await _http.GetFromJsonAsync<JsonElement>($"/v1/tasks/{task.GetProperty("task_id").GetString()}/result?reveal=true");

        Assert.Equal("token-" + Secret, result.GetProperty("result").GetProperty("token").GetString());
    }

    [Fact]
    [Trait("Requirement", "44")]
    public async Task The_master_key_changes_under_load_and_what_older_ones_wrapped_is_still_opened()
    {
        var (stop, sent) = (false, 0);
        var load = Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            var ids = new List<string>();
            while (!Volatile.Read(ref stop))
            {
                var task = await Run($$$"""{"task_type":"demo.login","parameters":{"password":"{{{Secret}}}","user":"ann"}}""");
                Assert.Equal("completed", task.GetProperty("state").GetString());
                ids.Add(task.GetProperty("task_id").GetString()!);
                _ = Interlocked.Increment(ref sent);
            }

            return ids;
        }));
        foreach (var name in (string[])["m2", "m3"])
        {
            Use(name);
            // The file is looked at once a second: by then Gateway and Scheduler wrap with the new key, and neither at the same moment.
            var (before, since) = (Volatile.Read(ref sent), TimeProvider.System.GetTimestamp());
            await Eventually.True(
                () => Volatile.Read(ref sent) >= before + 10 && TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(1.2), "work goes on");
        }

        Volatile.Write(ref stop, true);
        foreach (var id in (await load).SelectMany(ids => ids))
        {
            var result = await _http.GetFromJsonAsync<JsonElement>($"/v1/tasks/{id}/result?reveal=true");
            Assert.Equal("token-" + Secret, result.GetProperty("result").GetProperty("token").GetString());
        }
    }

    [Fact]
    public async Task No_error_repeats_a_secret()
    {
        var task = await Run($$$"""{"task_type":"demo.login","parameters":{"password":"{{{Secret}}}","user":"nobody"}}""");

        Assert.Equal("the password [sensitive] is of nobody", task.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task The_schema_is_asked_before_anything_is_sealed()
    {
        using var reply = await _http.PostAsync("/v1/tasks", Body("""{"task_type":"demo.login","parameters":{"password":7,"user":"ann"}}"""));
        Assert.Equal(422, (int)reply.StatusCode);
        Assert.Contains("#/parameters/password", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"task_type":"demo.login","parameters":{"password":{"$enc":"v1"},"user":"ann"}}""", "#/parameters/password")]
    [InlineData("""{"task_type":"demo.login","parameters":{"password":"p","user":"ann"},"sensitive":["password"]}""", "#/sensitive")]
    [InlineData("""{"task_type":"demo.login","parameters":{"password":"p","user":"ann"},"sensitive":"/password"}""", "#/sensitive")]
    [InlineData("""{"task_type":"demo.login","parameters":{"password":"p","user":"ann"},"seal":{}}""", "#/seal")]
    public async Task A_caller_cannot_speak_for_the_system(string body, string pointer)
    {
        using var reply = await _http.PostAsync("/v1/tasks", Body(body));
        Assert.InRange((int)reply.StatusCode, 400, 422);
        Assert.Contains($"\"{pointer}\"", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_is_done_again_has_its_secrets_still()
    {
        var task = await Run($$$"""{"task_type":"demo.login","parameters":{"password":"{{{Secret}}}","user":"nobody"}}""");
        using var reply = await _http.PostAsync($"/v1/tasks/{task.GetProperty("task_id").GetString()}/retry?wait=5", Body("{}"));
        Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync());
        await Eventually.True(() => Times() == 2, "the handler has seen it twice");

        int Times()
        {
            lock (_seen) { return _seen.Count(one => one == Secret + "/"); }
        }
    }

    private async Task<JsonElement> Run(string body)
    {
        using var reply = await _http.PostAsync("/v1/tasks?wait=20", Body(body));
        Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync());
        return JsonElement.Parse(await reply.Content.ReadAsStringAsync());
    }

    // Another key on top; those before it still open what they wrapped.
    private void Use(string name)
    {
        _keys.Insert(0, $"{name} {Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32))}");
        File.WriteAllLines(_masters, _keys);
    }

    private static StringContent Body(string json) => new(json, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using A2A.Micro.AgentSdk;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.Standalone;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Security.Tests;

/// <summary>What is said about a task with secrets while it runs: answers, places to go on from, parts of the result, children.</summary>
[Trait("Requirement", "43")]
[Trait("Requirement", "60")]
public sealed class SealedDialogueTests : IAsyncLifetime
{
    private const string Secret = "hunter2-of-the-caller";
    private readonly string _masters = Path.GetTempFileName(); // readable by its owner alone
    private readonly List<string> _seen = [];
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public sealed record Login([property: Sensitive] string Password, string? Then = null);

    public sealed record Session([property: Sensitive] string Token);

    public sealed record Plain(string Then);

    public sealed record Done(string Said);

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
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        _ = await Eventually.Seen(
            cancel => _http.GetStringAsync("/v1/task-types", cancel), seen => seen.Contains("demo.plain", StringComparison.Ordinal), "the types are known");
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
    public async Task A_place_to_go_on_from_is_sealed_and_the_next_attempt_reads_it()
    {
        var id = await Submit("demo.login", new { password = Secret, then = "again" });
        var task = await Ended(id);
        Assert.Equal("completed", task.GetProperty("state").GetString());
        lock (_seen) { Assert.Equal(["from ", "from at " + Secret], _seen); }
        var partials = await _http.GetStringAsync($"/v1/tasks/{id}/partials");
        Assert.Contains(TaskRules.SealedTokenMark, partials, StringComparison.Ordinal);
        Assert.Contains("\"sensitive\":true", partials.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, partials + task.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("demo.login")]
    [InlineData("demo.plain")]
    public async Task An_answer_that_is_a_secret_is_read_by_the_agent_alone_and_by_its_later_attempts(string type)
    {
        var id = await Submit(type, new { password = "p-1234", then = "ask" });
        _ = await Until(id, "input_required");
        var answer = new { command_id = "c-" + id, input = new { pin = Secret } };
        using var first = await _http.PostAsJsonAsync($"/v1/tasks/{id}/input", answer);
        Assert.True(first.IsSuccessStatusCode, await first.Content.ReadAsStringAsync());
        var task = await Ended(id);
        Assert.Equal("completed", task.GetProperty("state").GetString());
        lock (_seen) { Assert.Equal(2, _seen.Count(one => one == $"pin {Secret}")); }
        var told = await _http.GetStringAsync($"/v1/tasks/{id}/history") + await _http.GetStringAsync($"/v1/tasks/{id}/commands");
        Assert.DoesNotContain(Secret, told + task.GetRawText(), StringComparison.Ordinal);

        using var same = await _http.PostAsJsonAsync($"/v1/tasks/{id}/input", answer);
        Assert.True(same.IsSuccessStatusCode, await same.Content.ReadAsStringAsync());
        using var other = await _http.PostAsJsonAsync($"/v1/tasks/{id}/input", new { command_id = "c-" + id, input = new { pin = "another" } });
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
    }

    [Fact]
    public async Task An_answer_cannot_speak_for_the_system()
    {
        var id = await Submit("demo.plain", new { then = "ask" });
        _ = await Until(id, "input_required");
        using var forged = await _http.PostAsync($"/v1/tasks/{id}/input",
            new StringContent("""{"input":{"pin":{"$enc":"v1"}}}""", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.Contains("\"#/input/pin\"", await forged.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_child_has_its_secrets_from_its_parent_and_the_parent_those_of_its_result()
    {
        var id = await Submit("demo.login", new { password = Secret, then = "child" });
        var task = await Ended(id);
        Assert.Equal("completed", task.GetProperty("state").GetString());
        lock (_seen) { Assert.Contains("child login of child-" + Secret, _seen); }
        using var reveal = await _http.GetAsync(new Uri($"/v1/tasks/{id}/result?reveal=true", UriKind.Relative));
        Assert.Contains($"token of child-{Secret} for the parent", await reveal.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var children = await _http.GetStringAsync("/v1/tasks?parent_task_id=" + id);
        Assert.Contains("demo.login", children, StringComparison.Ordinal);
        var child = await _http.GetStringAsync(
            "/v1/tasks/" + JsonElement.Parse(children).GetProperty("tasks")[0].GetProperty("task_id").GetString());
        Assert.DoesNotContain(Secret, child + children + task.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_without_a_key_hands_no_secret_to_a_child()
    {
        var task = await Ended(await Submit("demo.plain", new { then = "child" }));
        Assert.Equal("failed", task.GetProperty("state").GetString());
        Assert.Contains("key of its parent", task.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_over_the_bus_in_clear_text_is_sealed_before_it_is_stored()
    {
        var endpoint = await _app.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Tasks));
        await endpoint.Send(new SubmitTask
        {
            TaskId = "bus-1",
            TaskType = "demo.login",
            Parameters = JsonElement.Parse($$"""{"password":"{{Secret}}","then":"child"}"""),
            Sensitive = ["/password"],
            SensitiveResults = ["/token"],
        });
        var task = await Until("bus-1", "completed");
        lock (_seen) { Assert.Contains("child login of child-" + Secret, _seen); }
        Assert.Equal("""{"sensitive":true}""", task.GetProperty("parameters").GetProperty("password").GetRawText());
        Assert.DoesNotContain(Secret, task.GetRawText(), StringComparison.Ordinal);
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
            See("from " + task.ResumeToken);
            await task.Partial(new Session("part of " + login.Password), 0.5, "at " + login.Password);
            if (task.Attempt == 1) { throw new TaskFailedException("ONCE_MORE", "it did not work", retryable: true); }
        }

        return new Session("token of " + login.Password);
    }

    private async Task<Done> Work(Plain plain, TaskContext task)
    {
        if (plain.Then == "ask") { await Ask(task); }
        if (plain.Then == "child") { _ = await task.Children.Submit("one", "demo.login", new Login(Secret)); }
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

    private async Task<string> Submit(string type, object parameters)
    {
        var retry = new { max_attempts = 2, initial_backoff_s = 0.1 };
        using var reply = await _http.PostAsJsonAsync("/v1/tasks", new { task_type = type, parameters, retry });
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, text);
        return JsonElement.Parse(text).GetProperty("task_id").GetString()!;
    }

    private Task<JsonElement> Ended(string id) => Until(id, "completed", "failed");

    private async Task<JsonElement> Until(string id, params string[] states) => await Eventually.Seen(
        async cancel =>
        {
            using var reply = await _http.GetAsync(new Uri("/v1/tasks/" + id, UriKind.Relative), cancel);
            return JsonElement.Parse(await reply.Content.ReadAsStringAsync(cancel));
        },
        seen => seen.TryGetProperty("state", out var state) && states.Contains(state.GetString()), string.Join(" or ", states),
        within: TimeSpan.FromMinutes(2));
}

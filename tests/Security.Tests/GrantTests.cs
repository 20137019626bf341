using System.Net;
using System.Text.Json;
using A2A.Micro.AgentSdk;

namespace A2A.Micro.Security.Tests;

/// <summary>An agent that comes over HTTP acts for the task that it works on, and for nothing else.</summary>
[Trait("Requirement", "95")]
public sealed class GrantTests(SecureHost host) : IClassFixture<SecureHost>, IAsyncLifetime
{
    private static readonly string[] Audited = ["submitTask", "submitBatch"];
    private static string? _worker;
    private readonly string _unique = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("n");
    private string _key = "";

    private string Chief(string scopes = "tasks:submit tasks:read tasks:cancel audit:read") =>
        host.Token(Tokens.Claims(("sub", "chief"), ("tenant", "red"), ("scope", scopes)));

    public async Task InitializeAsync() => _key = _worker ??= await host.NewKey("agent.worker", "agent");

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task An_agent_hands_in_a_child_for_who_handed_in_the_task_that_it_works_on_and_reads_what_became_of_it()
    {
        var (task, end) = await Work("whole");
        using var made = await host.Send(HttpMethod.Post, "/v1/tasks?wait=20", _key,
            new { task_type = "test.work", parent_task_id = Id("whole"), parameters = new { say = "part" } }, task.Grant);
        var child = await SecureHost.Json(made);
        Assert.True(made.StatusCode == HttpStatusCode.OK, child.GetRawText());
        var id = child.GetProperty("task_id").GetString();
        foreach (var path in (string[])["", "/result", "/tree", "/history"])
        {
            using var read = await host.Send(HttpMethod.Get, $"/v1/tasks/{id}{path}", _key, grant: task.Grant);
            Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        }

        using var own = await host.Send(HttpMethod.Get, $"/v1/tasks/{Id("whole")}", _key, grant: task.Grant);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        using var seen = await host.Send(HttpMethod.Get, "/v1/tasks/" + id, Chief());
        var document = await SecureHost.Json(seen);
        Assert.Equal("worker", document.GetProperty("requester_agent_id").GetString());
        var metadata = document.GetProperty("metadata");
        Assert.Equal(("chief", "red", "tasks:submit tasks:read"),
            (metadata.GetProperty("a2a.subject").GetString(), metadata.GetProperty("a2a.tenant").GetString(), metadata.GetProperty("a2a.scopes").GetString()));
        await Eventually.Seen(_ => Audit(), rows => rows.Any(row => Audited.Contains(row.GetProperty("action").GetString())
            && row.GetProperty("actor").GetString()!.StartsWith($"agent.worker for chief (task {Id("whole")})", StringComparison.Ordinal)),
            "the audit names the agent and for whom it acted");
        end.SetResult(new SecureHost.Done());
    }

    [Fact]
    public async Task With_its_grant_an_agent_reaches_nothing_but_its_task_and_what_stands_below_it()
    {
        var (task, end) = await Work("mine");
        var (other, otherEnd) = await Work("others");
        using var secret = await host.Send(HttpMethod.Post, "/v1/tasks?wait=20", Chief(),
            new { task_id = Id("secret"), task_type = "test.work", parameters = new { say = "secret" } });
        Assert.Equal(HttpStatusCode.OK, secret.StatusCode);
        var child = new { task_type = "test.work", parent_task_id = Id("mine") };
        foreach (var (what, method, path, body, status) in new (string, HttpMethod, string, object?, int)[]
        {
            ("a task that stands alone", HttpMethod.Post, "/v1/tasks", new { task_type = "test.work" }, 403),
            ("a child of another task", HttpMethod.Post, "/v1/tasks", new { task_type = "test.work", parent_task_id = Id("others") }, 403),
            ("another task's child, rehearsed", HttpMethod.Post, "/v1/tasks?dry_run=true",
                new { task_type = "test.work", parent_task_id = Id("others") }, 403),
            ("the name of another agent", HttpMethod.Post, "/v1/tasks",
                new { task_type = "test.work", parent_task_id = Id("mine"), requester_agent_id = "other" }, 403),
            ("the result of another task", HttpMethod.Post, "/v1/tasks",
                new { task_type = "test.work", parent_task_id = Id("mine"), dependencies = new[] { Id("secret") } }, 403),
            ("another task's child in a batch", HttpMethod.Post, "/v1/tasks:batch",
                new { tasks = new object[] { child, new { task_type = "test.work", parent_task_id = Id("others") } } }, 403),
            ("another task's id as one of its own", HttpMethod.Post, "/v1/tasks:batch",
                new
                {
                    tasks = new object[]
                    {
                        new { task_id = Id("secret"), task_type = "test.work", parent_task_id = Id("mine") },
                        new { task_type = "test.work", parent_task_id = Id("mine"), dependencies = new[] { Id("secret") } },
                    },
                }, 403),
            ("a workflow", HttpMethod.Post, "/v1/workflows", new { stages = new[] { new { task_type = "test.work" } } }, 403),
            ("a message", HttpMethod.Post, "/v1/messages", new { message_type = "task.submit", payload = new { task_type = "test.work" } }, 403),
            ("another task", HttpMethod.Get, "/v1/tasks/" + Id("secret"), null, 404),
            ("another task's result", HttpMethod.Get, $"/v1/tasks/{Id("secret")}/result", null, 404),
            ("another task's tree", HttpMethod.Get, $"/v1/tasks/{Id("others")}/tree", null, 404),
            ("its secrets", HttpMethod.Get, $"/v1/tasks/{Id("mine")}/result?reveal=true", null, 403),
            ("all tasks", HttpMethod.Get, "/v1/tasks", null, 403),
            ("all streams", HttpMethod.Get, "/v1/events", null, 403),
            ("its own end", HttpMethod.Post, $"/v1/tasks/{Id("mine")}/cancel", null, 403),
            ("another's end", HttpMethod.Post, $"/v1/tasks/{Id("others")}/cancel", null, 403),
            ("keys", HttpMethod.Post, "/v1/keys", new { subject = "x", role = "viewer" }, 403),
            ("the audit", HttpMethod.Get, "/v1/audit", null, 403),
            ("what does not exist", HttpMethod.Get, "/v1/nothing", null, 403),
        })
        {
            using var reply = await host.Send(method, path, _key, body, task.Grant);
            Assert.True((int)reply.StatusCode == status, $"{what}: {reply.StatusCode} {await reply.Content.ReadAsStringAsync()}");
        }

        // What is refused as not there reads like what is not there.
        using var hidden = await host.Send(HttpMethod.Get, "/v1/tasks/" + Id("secret"), _key, grant: task.Grant);
        using var absent = await host.Send(HttpMethod.Get, "/v1/tasks/" + Id("absent"), _key, grant: task.Grant);
        Assert.Equal(await Detail(absent), (await Detail(hidden))!.Replace("secret", "absent", StringComparison.Ordinal));
        Assert.NotEqual(task.Grant, other.Grant);
        end.SetResult(new SecureHost.Done());
        otherEnd.SetResult(new SecureHost.Done());
    }

    [Fact]
    public async Task A_grant_is_worth_nothing_in_other_hands_and_an_agent_nothing_without_one()
    {
        var (task, end) = await Work("held");
        var other = await host.NewKey("agent.other-" + _unique, "agent");
        var path = "/v1/tasks/" + Id("held");
        foreach (var (what, credential, grant, status) in new (string, string?, string?, int)[]
        {
            ("nobody", null, task.Grant, 401),
            ("the agent without a grant", _key, null, 403),
            ("the agent with an empty one", _key, "", 403),
            ("the agent with one that was changed", _key, task.Grant![..^1] + (task.Grant[^1] == 'A' ? 'B' : 'A'), 403),
            ("another agent", other, task.Grant, 403),
            ("the requester itself", Chief(), task.Grant, 403),
            ("the administrator", host.AdminKey.Show(), task.Grant, 403),
            ("an agent's name in another tenant", host.Token(Tokens.Claims(("sub", "agent.worker"), ("tenant", "red"), ("scope", "tasks:read"))),
                task.Grant, 403),
            ("the agent", _key, task.Grant, 200),
        })
        {
            using var reply = await host.Send(HttpMethod.Get, path, credential, grant: grant);
            Assert.True((int)reply.StatusCode == status, $"{what}: {reply.StatusCode} {await reply.Content.ReadAsStringAsync()}");
        }

        end.SetResult(new SecureHost.Done());
    }

    [Fact]
    public async Task When_an_attempt_has_ended_so_has_its_grant()
    {
        var (first, failed) = await Work("again", new { max_attempts = 2, initial_backoff_s = 0 });
        Assert.Equal(202, await HandIn(first, "again"));
        failed.SetException(new TaskFailedException("BROKEN", "once more", retryable: true));
        var (second, done) = await host.Hold(Id("again")).Attempt();
        Assert.Equal(2, second.Attempt);
        await Eventually.Seen(async _ => await HandIn(first, "again"), status => status == 403, "the grant of the first attempt is refused");
        Assert.Equal(202, await HandIn(second, "again"));

        done.SetResult(new SecureHost.Done());
        using var ended = await host.Send(HttpMethod.Get, $"/v1/tasks/{Id("again")}?wait=20", Chief());
        Assert.Equal("completed", (await SecureHost.Json(ended)).GetProperty("state").GetString());
        Assert.Equal(403, await HandIn(second, "again"));
    }

    [Fact]
    public async Task An_agent_may_do_no_more_than_who_handed_in_its_task()
    {
        var (task, end) = await Work("narrow", scopes: "tasks:submit");
        Assert.Equal(202, await HandIn(task, "narrow"));
        using var read = await host.Send(HttpMethod.Get, "/v1/tasks/" + Id("narrow"), _key, grant: task.Grant);
        Assert.Equal(HttpStatusCode.Forbidden, read.StatusCode);
        end.SetResult(new SecureHost.Done());
    }

    [Fact]
    public async Task Keys_of_agents_are_made_by_who_may_enrol_agents()
    {
        var clerk = host.Token(Tokens.Claims(("sub", "clerk"), ("tenant", "default"), ("scope", "tasks:admin tasks:submit tasks:read state:watch")));
        using var agent = await host.Send(HttpMethod.Post, "/v1/keys", clerk, new { subject = "agent.forged-" + _unique, role = "agent" });
        using var person = await host.Send(HttpMethod.Post, "/v1/keys", clerk, new { subject = "person-" + _unique, role = "agent" });
        Assert.Equal((403, 201), ((int)agent.StatusCode, (int)person.StatusCode));
    }

    private string Id(string name) => $"{name}-{_unique}";

    private async Task<(TaskContext Task, TaskCompletionSource<SecureHost.Done> End)> Work(
        string name, object? retry = null, string scopes = "tasks:submit tasks:read tasks:cancel audit:read")
    {
        using var reply = await host.Send(HttpMethod.Post, "/v1/tasks", Chief(scopes),
            new { task_id = Id(name), task_type = "test.held", parameters = new { say = Id(name) }, retry });
        Assert.True(reply.StatusCode == HttpStatusCode.Accepted, await reply.Content.ReadAsStringAsync());
        return await host.Hold(Id(name)).Attempt();
    }

    private async Task<int> HandIn(TaskContext task, string parent)
    {
        using var reply = await host.Send(HttpMethod.Post, "/v1/tasks", _key, new { task_type = "test.work", parent_task_id = Id(parent) }, task.Grant);
        return (int)reply.StatusCode;
    }

    private async Task<IReadOnlyList<JsonElement>> Audit()
    {
        using var reply = await host.Send(HttpMethod.Get, "/v1/audit?limit=200", Chief());
        return [.. (await SecureHost.Json(reply)).GetProperty("rows").EnumerateArray()];
    }

    private static async Task<string?> Detail(HttpResponseMessage reply) => (await SecureHost.Json(reply)).GetProperty("detail").GetString();
}

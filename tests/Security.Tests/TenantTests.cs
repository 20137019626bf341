using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Security.Tests;

/// <summary>Two tenants in one installation: neither can tell whether the other is there.</summary>
[Trait("Requirement", "61")]
[Trait("Requirement", "95")]
public sealed partial class TenantTests(SecureHost host) : IClassFixture<SecureHost>, IAsyncLifetime
{
    private static readonly string[] Ids = ["taskId", "workflowId", "commandId", "keyId", "webhookId"];
    private string _red = "";
    private string _blue = "";

    public Task InitializeAsync()
    {
        (_red, _blue) = (Chief("red"), Chief("blue"));
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task The_same_id_is_two_tasks_of_two_tenants_and_each_reads_its_own()
    {
        foreach (var (credential, say) in new[] { (_red, "red"), (_blue, "blue"), (Chief("default"), "default") })
        {
            var task = await Run(credential, "same", say);
            Assert.Equal("same", task.GetProperty("task_id").GetString());
            Assert.Equal(say, task.GetProperty("result").GetProperty("echo").GetString());
            Assert.Equal(say, task.GetProperty("metadata").GetProperty("a2a.tenant").GetString());
            Assert.Equal("chief", task.GetProperty("metadata").GetProperty("a2a.subject").GetString());
        }
    }

    [Fact]
    public async Task Every_route_says_of_another_tenants_object_what_it_says_of_none()
    {
        var ids = await Objects(_red);
        var absent = ids.ToDictionary(one => one.Key, one => Nothing(one.Value), StringComparer.Ordinal);
        foreach (var route in Routes().Where(route => route.RoutePattern.Parameters.Any(parameter => Ids.Contains(parameter.Name)))
            .Where(route => AccessTable.Of(route).Reach == Reach.Tenants).OrderBy(route => MethodOf(route) == HttpMethod.Delete))
        {
            var name = route.RoutePattern.Parameters[0].Name;
            var (theirs, none) = (await Ask(route, _blue, ids), await Ask(route, _blue, absent));
            // Values stand under a name whether or not there is a task of it.
            var isShared = route.RoutePattern.RawText!.Contains("/state", StringComparison.Ordinal);
            Assert.True(isShared || theirs.Status == HttpStatusCode.NotFound, $"{route.RoutePattern.RawText} {name}: {theirs.Status} {theirs.Body}");
            Assert.Equal(none.Status, theirs.Status);
            Assert.True(Blank(none.Body, absent) == Blank(theirs.Body, ids), $"{route.RoutePattern.RawText}: {none.Body} and {theirs.Body}");
            var own = await Ask(route, _red, ids);
            Assert.True(isShared || own.Status != HttpStatusCode.NotFound, $"{route.RoutePattern.RawText}: its own tenant gets {own.Status}");
        }
    }

    [Fact]
    public async Task Lists_show_nothing_of_others()
    {
        var ids = await Objects(_red);
        foreach (var path in new[]
        {
            "/v1/tasks", "/v1/workflows", "/v1/keys", "/v1/dead-letters/tasks", "/v1/webhooks", "/v1/tasks?parent_task_id=" + ids["taskId"],
        })
        {
            using var reply = await host.Send(HttpMethod.Get, path, _blue);
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            var text = await reply.Content.ReadAsStringAsync();
            Assert.All(ids.Values, id => Assert.DoesNotContain(id, text, StringComparison.Ordinal));
        }

        using var bulk = await host.Send(HttpMethod.Post, "/v1/tasks:cancel", _blue, new { filter = new { }, dry_run = true });
        Assert.Empty((await SecureHost.Json(bulk)).GetProperty("task_ids").EnumerateArray());
    }

    [Fact]
    public async Task Nothing_that_a_tenant_is_told_holds_an_inside_id()
    {
        var ids = await Objects(_red);
        foreach (var path in new[]
        {
            "", "/result", "/tree", "/history", "/events", "/commands", "/partials", "/explain",
        }.Select(end => $"/v1/tasks/{ids["taskId"]}{end}").Append("/v1/tasks").Append("/v1/workflows").Append("/v1/workflows/" + ids["workflowId"])
            .Append("/v1/commands/" + ids["commandId"]).Append("/v1/webhooks").Append("/v1/webhooks/" + ids["webhookId"])
            .Append($"/v1/webhooks/{ids["webhookId"]}/deliveries").Append($"/v1/webhooks/{ids["webhookId"]}/deliveries/{ids["deliveryId"]}"))
        {
            using var reply = await host.Send(HttpMethod.Get, path, _red);
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            Assert.DoesNotContain("red@", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_agents_share_under_a_name_is_their_tenants_own()
    {
        using var set = await host.Send(HttpMethod.Put, "/v1/tasks/shared/state/value", _red, new { secret = "red" });
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        using var theirs = await host.Send(HttpMethod.Get, "/v1/tasks/shared/state/value", _blue);
        Assert.Equal(HttpStatusCode.NotFound, theirs.StatusCode);
        using var own = await host.Send(HttpMethod.Get, "/v1/tasks/shared/state/value", _red);
        Assert.Equal("shared", (await SecureHost.Json(own)).GetProperty("task_id").GetString());
    }

    [Fact]
    public async Task A_stream_over_all_tasks_says_those_of_its_tenant()
    {
        _ = await Run(_red, "before-the-stream", "x");
        using var stream = await host.Send(HttpMethod.Get, "/v1/events", _blue);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        _ = await Run(_red, "hidden", "x");
        _ = await Run(_blue, "shown", "x");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var said = "";
        while (!said.Contains("\"shown\"", StringComparison.Ordinal)) { said += await reader.ReadLineAsync(limit.Token); }
        Assert.DoesNotContain("hidden", said, StringComparison.Ordinal);
        Assert.DoesNotContain("before-the-stream", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_with_as_many_streams_as_it_may_have_does_not_crowd_out_another()
    {
        var open = new List<HttpResponseMessage>();
        var many = Chief("crowd");
        for (var i = 0; i < 100; i++) { open.Add(await host.Send(HttpMethod.Get, "/v1/events?snapshot=0", many)); }
        Assert.All(open, reply => Assert.Equal(HttpStatusCode.OK, reply.StatusCode));
        using var over = await host.Send(HttpMethod.Get, "/v1/events?snapshot=0", many);
        Assert.Equal(HttpStatusCode.TooManyRequests, over.StatusCode);
        using var other = await host.Send(HttpMethod.Get, "/v1/events?snapshot=0", _blue);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        open.ForEach(reply => reply.Dispose());
    }

    [Fact]
    public async Task An_idempotency_key_is_its_tenants_own()
    {
        foreach (var credential in new[] { _red, _blue })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/tasks", UriKind.Relative))
            {
                Content = System.Net.Http.Json.JsonContent.Create(new { task_type = "test.work", parameters = new { say = credential[^8..] } }),
            };
            request.Headers.Add("Authorization", "Bearer " + credential);
            request.Headers.Add("Idempotency-Key", "\"shared\"");
            using var reply = await host.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Accepted, reply.StatusCode);
        }
    }

    [Theory]
    [InlineData("""{"task_type":"test.work","task_id":"red@x"}""")]
    [InlineData("""{"task_type":"test.work","dependencies":["red@x"]}""")]
    [InlineData("""{"task_type":"test.work","parent_task_id":"red@x"}""")]
    [InlineData("""{"task_type":"test.work","metadata":{"a2a.tenant":"red"}}""")]
    [InlineData("""{"task_type":"test.work","tenant":"red"}""")]
    public async Task A_caller_cannot_say_whose_its_task_is(string body)
    {
        using var reply = await host.Send(HttpMethod.Post, "/v1/tasks", _blue, JsonElement.Parse(body));
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
    }

    [Fact]
    public async Task A_dependency_on_another_tenants_id_waits_for_ones_own()
    {
        _ = await Run(_red, "first", "red");
        using var reply = await host.Send(HttpMethod.Post, "/v1/tasks?wait=1", _blue,
            new { task_id = "second", task_type = "test.work", dependencies = new[] { "first" } });
        using var read = await host.Send(HttpMethod.Get, "/v1/tasks/second", _blue);
        var task = await SecureHost.Json(read);
        Assert.Equal("first", task.GetProperty("dependencies")[0].GetProperty("task_id").GetString());
        Assert.NotEqual("completed", task.GetProperty("state").GetString());
        _ = await Run(_blue, "first", "blue");
        using var after = await host.Send(HttpMethod.Get, "/v1/tasks/second?wait=10", _blue);
        Assert.Equal("completed", (await SecureHost.Json(after)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task What_belongs_to_the_installation_is_not_shown_to_a_tenant()
    {
        foreach (var route in Routes().Where(route => AccessTable.Of(route).Reach == Reach.Installation))
        {
            var reply = await Ask(route, _red, new Dictionary<string, string>());
            Assert.True(reply.Status == HttpStatusCode.Forbidden, $"{route.RoutePattern.RawText}: {reply.Status}");
        }
    }

    [Fact]
    public void An_inside_id_says_its_tenant_and_no_other_can_be_made_of_it()
    {
        Assert.Equal("task-1", TenantNames.Inside("default", "task-1"));
        Assert.Equal("acme@task-1", TenantNames.Inside("acme", "task-1"));
        Assert.Equal(("acme", "task-1"), (TenantNames.TenantOf("acme@task-1"), TenantNames.Outside("acme@task-1")));
        Assert.Equal(("default", "task-1"), (TenantNames.TenantOf("task-1"), TenantNames.Outside("task-1")));
        Assert.Equal("acme@child-1", TenantNames.Beside("acme@task-1", "child-1"));
        Assert.Equal(TaskKey.Of("t", "acme"), TaskKey.Of("acme@t"));
    }

    private string Chief(string tenant) => host.Token(Tokens.Claims(
        ("sub", "chief"), ("tenant", tenant), ("scope", string.Join(' ', Identity.ScopeWords.All))));

    private async Task<JsonElement> Run(string credential, string id, string say)
    {
        using var reply = await host.Send(HttpMethod.Post, "/v1/tasks?wait=20", credential,
            new { task_id = id, task_type = "test.work", parameters = new { say } });
        var task = await SecureHost.Json(reply);
        Assert.True(reply.StatusCode == HttpStatusCode.OK, task.GetRawText());
        return task;
    }

    private async Task<Dictionary<string, string>> Objects(string credential)
    {
        var unique = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("n");
        _ = await Run(credential, "task-" + unique, "x");
        using var workflow = await host.Send(HttpMethod.Post, "/v1/workflows?wait=20", credential,
            new { workflow_id = "wf-" + unique, stages = new[] { new { task_type = "test.work", parameters = new { say = "s" } } } });
        Assert.True(workflow.IsSuccessStatusCode, await workflow.Content.ReadAsStringAsync());
        using var command = await host.Send(HttpMethod.Post, $"/v1/tasks/task-{unique}/retry", credential, new { command_id = "cmd-" + unique });
        Assert.True(command.IsSuccessStatusCode, await command.Content.ReadAsStringAsync());
        using var key = await host.Send(HttpMethod.Post, "/v1/keys", credential, new { subject = "s" + unique, role = "viewer" });
        using var webhook = await host.Send(HttpMethod.Post, "/v1/webhooks", credential, new { url = $"https://{unique}.example.com/" });
        Assert.True(webhook.IsSuccessStatusCode, await webhook.Content.ReadAsStringAsync());
        var webhookId = (await SecureHost.Json(webhook)).GetProperty("webhook_id").GetString()!;
        using var delivery = await host.Send(HttpMethod.Post, $"/v1/webhooks/{webhookId}/test", credential);
        return new()
        {
            ["webhookId"] = webhookId,
            ["deliveryId"] = (await SecureHost.Json(delivery)).GetProperty("delivery_id").GetString()!,
            ["taskId"] = "task-" + unique,
            ["workflowId"] = "wf-" + unique,
            ["commandId"] = "cmd-" + unique,
            ["keyId"] = (await SecureHost.Json(key)).GetProperty("of").GetProperty("key_id").GetString()!,
        };
    }

    private async Task<(HttpStatusCode Status, string Body)> Ask(RouteEndpoint route, string credential, IReadOnlyDictionary<string, string> ids)
    {
        var path = "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter => ids.GetValueOrDefault(parameter.Name, "x1"),
            _ => "",
        }))));
        var method = MethodOf(route);
        object? body = route.RoutePattern.RawText!.EndsWith("/input", StringComparison.Ordinal) ? new { input = 1 }
            : method == HttpMethod.Patch ? path.Contains("webhooks", StringComparison.Ordinal) ? new { description = "mine" } : new { priority = 3 }
            : method == HttpMethod.Put ? new { mine = true }
            : null;
        using var reply = await host.Send(method, path, credential, body);
        return (reply.StatusCode, Trace().Replace(await reply.Content.ReadAsStringAsync(), ""));
    }

    private static HttpMethod MethodOf(RouteEndpoint route) => new(route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0] ?? "GET");

    private static string Blank(string body, Dictionary<string, string> ids) =>
        ids.Values.Aggregate(body, (text, id) => text.Replace(id, "ID", StringComparison.Ordinal));

    // As long as the other, so that nothing but itself differs.
    private static string Nothing(string id) => id[..^1] + (id[^1] == '0' ? '1' : '0');

    private IEnumerable<RouteEndpoint> Routes() => host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    [GeneratedRegex("\"(trace_id|updated_at)\":\"[^\"]*\"")]
    private static partial Regex Trace();
}

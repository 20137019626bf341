using System.Net;
using System.Text.Json;

namespace A2A.Micro.Security.Tests;

/// <summary>On whose behalf a task is done stays with it, and goes on to its children.</summary>
[Trait("Requirement", "95")]
public sealed class BehalfTests(SecureHost host) : IClassFixture<SecureHost>
{
    private readonly string _red = host.Token(Tokens.Claims(
        ("sub", "chief"), ("tenant", "red"), ("scope", string.Join(' ', Identity.ScopeWords.All))));

    [Fact]
    public async Task What_an_agent_hands_in_below_a_task_is_done_on_behalf_of_who_handed_in_that_task()
    {
        var id = "parent-" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("n");
        using var reply = await host.Send(HttpMethod.Post, "/v1/tasks?wait=20", _red,
            new { task_id = id, task_type = "test.parent", parameters = new { say = "x" } });
        Assert.Equal("completed", (await SecureHost.Json(reply)).GetProperty("state").GetString());
        using var list = await host.Send(HttpMethod.Get, "/v1/tasks?parent_task_id=" + id, _red);
        var child = Assert.Single((await SecureHost.Json(list)).GetProperty("tasks").EnumerateArray()).GetProperty("task_id").GetString();
        using var read = await host.Send(HttpMethod.Get, "/v1/tasks/" + child, _red);
        var metadata = (await SecureHost.Json(read)).GetProperty("metadata");
        Assert.Equal(("chief", "red"), (metadata.GetProperty("a2a.subject").GetString(), metadata.GetProperty("a2a.tenant").GetString()));
        Assert.Contains("tasks:submit", metadata.GetProperty("a2a.scopes").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_changes_the_metadata_of_a_task_does_not_change_on_whose_behalf_it_is_done()
    {
        var id = "patched-" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("n");
        using var made = await host.Send(HttpMethod.Post, "/v1/tasks", _red,
            new { task_id = id, task_type = "test.work", dependencies = new[] { "never-" + id } });
        Assert.Equal(HttpStatusCode.Accepted, made.StatusCode);
        using var forged = await host.Send(
            HttpMethod.Patch, "/v1/tasks/" + id, _red, JsonElement.Parse("""{"metadata":{"a2a.subject":"somebody"}}"""));
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        using var changed = await host.Send(HttpMethod.Patch, "/v1/tasks/" + id, _red, new { metadata = new { note = "mine" } });
        Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync());
        var task = await Eventually.Seen(async _ =>
        {
            using var read = await host.Send(HttpMethod.Get, "/v1/tasks/" + id, _red);
            return (await SecureHost.Json(read)).GetProperty("metadata");
        }, seen => seen.TryGetProperty("note", out var _), "the change is there");
        Assert.Equal("chief", task.GetProperty("a2a.subject").GetString());
    }
}

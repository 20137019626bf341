using System.Net;

namespace A2A.Micro.Security.Tests;

/// <summary>A tenant has so many tasks that have not ended and no more; others notice nothing of it.</summary>
[Trait("Requirement", "61")]
[Trait("Requirement", "69")]
public sealed class TenantQuotaTests : IAsyncLifetime
{
    private readonly SecureHost _host = new();

    public Task InitializeAsync() => _host.Start("--Security:OpenTasksPerTenantMax=3");

    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_tenant_over_its_quota_is_told_what_to_do_at_every_door_and_goes_on_when_a_task_has_ended()
    {
        var (red, blue) = (Chief("red"), Chief("blue"));
        using var refusedBatch = await Post("/v1/tasks:batch", red, new { tasks = Enumerable.Range(0, 4).Select(i => Later("b" + i)) });
        Assert.Contains("these 4 would be more", await Refused(refusedBatch), StringComparison.Ordinal);
        foreach (var id in (string[])["one", "two", "three"])
        {
            using var taken = await Post("/v1/tasks", red, Later(id));
            Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        }

        foreach (var (path, body) in new (string, object)[]
        {
            ("/v1/tasks", Later("four")),
            ("/v1/tasks:batch", new { tasks = new[] { Later("four") } }),
            ("/v1/workflows", new { workflow_id = "flow", stages = new[] { new { task_type = "test.work" }, new { task_type = "test.work" } } }),
            ("/v1/messages", new { message_type = "task.submit", payload = Later("four") }),
        })
        {
            using var reply = await Post(path, red, body);
            Assert.Contains("The tenant red ", await Refused(reply), StringComparison.Ordinal);
        }

        using var others = await Post("/v1/tasks", blue, Later("one"));
        Assert.Equal(HttpStatusCode.Accepted, others.StatusCode);
        // What was accepted stays accepted, whatever there is room for.
        using var again = await Post("/v1/tasks", red, Later("three"));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);

        using var cancelled = await Post("/v1/tasks/two/cancel", red, new { });
        Assert.True(cancelled.IsSuccessStatusCode);
        using var ended = await _host.Send(HttpMethod.Get, "/v1/tasks/two?wait=20", red);
        Assert.Equal("cancelled", (await SecureHost.Json(ended)).GetProperty("state").GetString());
        using var next = await Post("/v1/tasks", red, Later("four"));
        Assert.Equal(HttpStatusCode.Accepted, next.StatusCode);
        using var over = await Post("/v1/tasks", red, Later("five"));
        _ = await Refused(over);
    }

    private static object Later(string id) => new { task_id = id, task_type = "test.work", not_before = "2099-01-01T00:00:00Z" };

    private static async Task<string> Refused(HttpResponseMessage reply)
    {
        var problem = await SecureHost.Json(reply);
        Assert.True(reply.StatusCode == HttpStatusCode.TooManyRequests, problem.GetRawText());
        Assert.Equal("application/problem+json", reply.Content.Headers.ContentType!.MediaType);
        Assert.Equal("RATE_LIMITED", problem.GetProperty("code").GetString());
        Assert.Equal(TimeSpan.FromSeconds(problem.GetProperty("retry_after_s").GetInt32()), reply.Headers.RetryAfter!.Delta);
        return problem.GetProperty("detail").GetString()!;
    }

    private Task<HttpResponseMessage> Post(string path, string credential, object body) => _host.Send(HttpMethod.Post, path, credential, body);

    private string Chief(string tenant) => _host.Token(Tokens.Claims(
        ("sub", "chief"), ("tenant", tenant), ("scope", string.Join(' ', Identity.ScopeWords.All))));
}

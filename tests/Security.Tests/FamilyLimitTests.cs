using System.Net;
using A2A.Micro.AgentSdk;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Security.Tests;

/// <summary>A task that splits itself up without end comes to one: by whatever door its children come.</summary>
[Trait("Requirement", "69")]
[Trait("Requirement", "81")]
public sealed class FamilyLimitTests : IAsyncLifetime
{
    private readonly SecureHost _host = new();
    private readonly List<TaskCompletionSource<SecureHost.Done>> _ends = [];
    private string _key = "";

    public async Task InitializeAsync()
    {
        await _host.Start("--A2A:Scheduler:ChildrenMax=3", "--A2A:Gateway:ChildrenMax=3", "--A2A:Scheduler:DescendantsMax=5");
        _key = await _host.NewKey("chief");
    }

    public Task DisposeAsync()
    {
        // A host waits for what its agents work on.
        _ends.ForEach(end => end.TrySetResult(new SecureHost.Done()));
        return _host.DisposeAsync();
    }

    [Fact]
    public async Task Over_HTTP_a_child_too_many_is_rejected_and_so_is_a_batch_that_holds_one()
    {
        _ = await Work("whole");
        for (var n = 1; n <= 3; n++) { Assert.Equal("completed", (await HandIn("whole")).State); }
        Assert.Equal(("rejected", "CONFLICT"), await HandIn("whole"));
        var children = Enumerable.Range(0, 4).Select(_ => new { task_type = "test.work", parent_task_id = "other" }).ToArray();
        using var batch = await _host.Send(HttpMethod.Post, "/v1/tasks:batch", _key, new { tasks = children });
        var problem = await SecureHost.Json(batch);
        Assert.Equal((HttpStatusCode.Conflict, "#/tasks/3/parent_task_id"),
            (batch.StatusCode, Assert.Single(problem.GetProperty("errors").EnumerateArray()).GetProperty("pointer").GetString()));
        using var fits = await _host.Send(HttpMethod.Post, "/v1/tasks:batch", _key, new { tasks = children[..3] });
        Assert.Equal(HttpStatusCode.Accepted, fits.StatusCode);
    }

    [Fact]
    public async Task Over_the_bus_a_child_too_many_is_rejected_and_its_parent_is_told()
    {
        var task = await Work("agents");
        var children = new List<Child>();
        for (var n = 0; n < 4; n++) { children.Add(await task.Children.Submit($"part-{n}", "test.work")); }
        var ends = await Task.WhenAll(children.Select(child => child.End())).WaitAsync(Eventually.Patience);
        Assert.Equal(3, ends.Count(one => one.State == TaskState.Completed));
        var refused = Assert.Single(ends, one => one.State == TaskState.Rejected);
        Assert.Equal("CONFLICT", refused.Error!.Code);
        Assert.Contains("3 children", refused.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_family_grows_to_its_bound_over_all_generations_and_no_further()
    {
        var top = await Work("bomb");
        var (left, right) = (await Split(top, "left"), await Split(top, "right"));
        Assert.Equal(TaskState.Completed, (await Part(left, "a")).State);
        Assert.Equal(TaskState.Completed, (await Part(left, "b")).State);
        Assert.Equal(TaskState.Completed, (await Part(right, "c")).State);
        foreach (var (parent, name) in new[] { (left, "d"), (right, "e"), (top, "f") })
        {
            var refused = await Part(parent, name);
            Assert.Equal((TaskState.Rejected, "CONFLICT"), (refused.State, refused.Error!.Code));
            Assert.Contains("5 tasks stand below", refused.Error.Message, StringComparison.Ordinal);
        }
    }

    private static async Task<ChildEnd> Part(TaskContext parent, string name) =>
        await (await parent.Children.Submit(name, "test.work")).End().WaitAsync(Eventually.Patience);

    private async Task<TaskContext> Split(TaskContext parent, string name)
    {
        _ = await parent.Children.Submit(name, "test.held", new { say = name });
        return await Held(name);
    }

    private async Task<TaskContext> Held(string name)
    {
        var (task, end) = await _host.Hold(name).Attempt();
        _ends.Add(end);
        return task;
    }

    private async Task<TaskContext> Work(string id)
    {
        using var reply = await _host.Send(HttpMethod.Post, "/v1/tasks", _key, new { task_id = id, task_type = "test.held", parameters = new { say = id } });
        Assert.Equal(HttpStatusCode.Accepted, reply.StatusCode);
        return await Held(id);
    }

    private async Task<(string? State, string? Code)> HandIn(string parent)
    {
        using var reply = await _host.Send(HttpMethod.Post, "/v1/tasks?wait=20", _key, new { task_type = "test.work", parent_task_id = parent });
        var task = await SecureHost.Json(reply);
        return (task.GetProperty("state").GetString(), task.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString() : null);
    }
}

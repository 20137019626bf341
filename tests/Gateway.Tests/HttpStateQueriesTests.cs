using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace A2A.Micro.Gateway.Tests;

public sealed class HttpStateQueriesTests : IAsyncLifetime
{
    private readonly Neighbours _states = new();
    private readonly List<string> _asked = [];
    private WebApplication _stateSync = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        _ = builder.Logging.ClearProviders();
        _stateSync = builder.Build();
        _stateSync.Use(async (http, next) =>
        {
            lock (_asked) { _asked.Add(http.Request.Path + http.Request.QueryString); }
            await next(http);
        });
        _stateSync.MapGet("/internal/state/tasks/{id}", async (string id) =>
            await _states.Find(id, default) is { } found ? Results.Json(found, WireJson.Options) : Results.NotFound());
        _stateSync.MapGet("/internal/state/tasks/{id}/history", async (string id, long after, int limit) =>
            Results.Json(await _states.History(id, after, limit, default), WireJson.Options));
        _stateSync.MapGet("/internal/state/statistics/tenants", () =>
            Results.Json(new Dictionary<string, long> { ["acme"] = 2, ["default"] = 1 }, WireJson.Options));
        _stateSync.MapGet("/internal/state/tasks", () => Results.Json(_states.Page, WireJson.Options));
        await _stateSync.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_stateSync.Urls.First() + "/"), Timeout = TimeSpan.FromSeconds(5) };
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _stateSync.DisposeAsync();
    }

    [Fact]
    public async Task Open_tasks_by_tenant_come_through()
    {
        var open = await new HttpTypeStatistics(() => new HttpClient { BaseAddress = _http.BaseAddress }).OpenByTenant(default);
        Assert.Equal([new("acme", 2L), new("default", 1L)], open.OrderBy(one => one.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Documents_histories_and_pages_come_through_whole()
    {
        var queries = new HttpStateQueries(_http);
        _states.Put("a:b~c", TaskState.Queued);
        var document = _states.Put("a:b~c", TaskState.Running, now => now with { Progress = 0.5, AgentId = "x", Mode = TaskMode.Routed });
        _states.Page = new TaskPage { Tasks = [document], Next = new TaskCursor { UpdatedAtUs = 5, TaskId = "a:b~c" } };

        Assert.Equal(document, await queries.Find("a:b~c", default));
        Assert.Null(await queries.Find("unknown", default));
        Assert.Equal([2L], (await queries.History("a:b~c", 1, 10, default)).Select(change => change.Version));
        var page = await queries.List(new TaskFilter
        {
            States = [TaskState.Running, TaskState.InputRequired],
            TaskType = "data.*",
            RequesterAgentId = "x",
            After = new TaskCursor { UpdatedAtUs = 7, TaskId = "q" },
            Limit = 3,
        }, default);
        Assert.Equal(_states.Page.Next, page.Next);
        Assert.Equal(document, page.Tasks.Single());
        Assert.Equal(
            "/internal/state/tasks?limit=3&state=running&state=input_required&type=data.%2A&requester=x&after_us=7&after_id=q", _asked[^1]);
    }

    [Fact]
    public async Task Every_filter_is_asked_with()
    {
        var at = new DateTimeOffset(2026, 3, 21, 15, 0, 0, TimeSpan.Zero).AddTicks(1);
        _ = await new HttpStateQueries(_http).List(
            new TaskFilter
            {
                TaskTypes = ["a", "b"],
                AgentId = "x",
                Priority = 2,
                Labels = ["k=v w", "n=1"],
                CreatedAfter = at,
                CreatedBefore = at,
                UpdatedAfter = at,
                UpdatedBefore = at,
            }, default);
        const string Time = "2026-03-21T15%3A00%3A00.0000001%2B00%3A00";
        Assert.Equal($"/internal/state/tasks?limit=50&any_type=a&any_type=b&agent=x&priority=2&label=k%3Dv%20w&label=n%3D1&created_after={Time}"
            + $"&created_before={Time}&updated_after={Time}&updated_before={Time}", _asked[^1]);
    }

    [Fact]
    public async Task Every_failure_is_one_kind_of_error()
    {
        await _stateSync.StopAsync();
        var refused = await Assert.ThrowsAsync<ProtocolException>(() => new HttpStateQueries(_http).Find("t", default));
        Assert.Equal(ErrorKind.Connection, refused.Kind);
    }

    [Fact]
    public async Task The_Gateway_asks_StateSync_where_it_was_told_to()
    {
        // Without a neighbour in the process the module asks over HTTP.
        await using var app = ServiceDefaults.MicroHost.Build(
            ["--urls=http://127.0.0.1:0", $"--StateSync:Url={_stateSync.Urls.First()}"],
            ServiceDefaults.TransportKind.InMemory, Persistence.StoreKind.InMemory, [new GatewayModule()]);
        await app.StartAsync();
        _states.Put("t", TaskState.Running);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var reply = await http.GetAsync(new Uri("/v1/tasks/t", UriKind.Relative));
        Assert.Equal("running", (await reply.Json()).GetProperty("state").GetString());
        await app.StopAsync();
    }
}

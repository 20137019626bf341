using System.Net;
using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync.States;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.StateSync.Tests;

public sealed class QueryEndpointTests : IAsyncLifetime
{
    private readonly WebApplication _host = MicroHost.Build(
        ["--urls=http://127.0.0.1:0"], TransportKind.InMemory, Persistence.StoreKind.InMemory, [new StateSyncModule()]);

    private readonly HttpClient _http = new();

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        _http.BaseAddress = new Uri(_host.Urls.First());
        foreach (var life in (Life[])
            [
                Life.Running("a").Report(0.5, "half"),
                new Life("b").Submit("data.export", "alice", """{"n":1.0,"deep":{"x":null}}"""),
                new Life("c").Submit("image.scale", "alice").Queue(),
            ])
        {
            foreach (var input in life.Inputs) { await _host.Services.GetRequiredService<IStateStore>().Apply([input], default); }
        }
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _host.StopAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_document_is_the_contract_in_the_json_of_the_wire()
    {
        var document = await Get<TaskDocument>("/internal/state/tasks/b");

        Assert.Equal(("data.export", "alice", 1L), (document.TaskType, document.RequesterAgentId, document.Version));
        Assert.Equal("""{"n":1.0,"deep":{"x":null}}""", document.Parameters?.GetRawText());
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(At("/internal/state/tasks/nobody"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(At("/internal/state/tasks/no%20id"))).StatusCode);
    }

    [Fact]
    public async Task The_history_of_a_type_is_the_contract_in_the_json_of_the_wire()
    {
        Assert.Equal(0, (await Get<TaskTypeStatistics>("/internal/state/task-types/data.export")).Count);
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.GetAsync(At("/internal/state/task-types/no%20type"))).StatusCode);
    }

    [Fact]
    public async Task Another_service_asks_over_the_bus_where_tasks_are()
    {
        var client = _host.Services.GetRequiredService<IBus>().CreateRequestClient<ListAttempts>(Endpoints.Address(Endpoints.States));

        var answer = (await client.GetResponse<AttemptList>(new ListAttempts { TaskIds = ["a", "c", "nobody"] })).Message;

        Assert.Equal(["a Running 1", "c Queued 1"], answer.Tasks.OrderBy(task => task.TaskId, StringComparer.Ordinal)
            .Select(task => $"{task.TaskId} {task.State} {task.Attempt}"));
    }

    [Fact]
    public async Task Every_filter_of_a_list_is_understood()
    {
        const string Wide = "created_after=2000-01-01T00:00:00.0000000%2B00:00&created_before=2100-01-01T00:00:00Z&updated_after=2000-01-01T00:00:00Z";
        Assert.Equal(["a"], Ids(await Get<TaskPage>("/internal/state/tasks?agent=agent-1&priority=3&" + Wide)));
        Assert.Equal(["b", "c"], Ids(await Get<TaskPage>("/internal/state/tasks?any_type=data.export&any_type=image.scale&" + Wide)));
        Assert.Empty(Ids(await Get<TaskPage>("/internal/state/tasks?label=k%3Dv")));
        Assert.Empty(Ids(await Get<TaskPage>("/internal/state/tasks?updated_before=2000-01-01T00:00:00Z")));

        static IEnumerable<string> Ids(TaskPage page) => page.Tasks.Select(task => task.TaskId).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_history_goes_on_after_a_version()
    {
        Assert.Equal([3L, 4L], (await Get<TaskChange[]>("/internal/state/tasks/a/history?after=2&limit=2")).Select(change => change.Version));
        Assert.Equal(5, (await Get<TaskChange[]>("/internal/state/tasks/a/history")).Length);
        Assert.Empty(await Get<TaskChange[]>("/internal/state/tasks/nobody/history"));
    }

    [Fact]
    public async Task A_list_takes_its_filters_and_its_cursor_from_the_address()
    {
        var first = await Get<TaskPage>("/internal/state/tasks?state=submitted&state=queued&state=in_progress&limit=2");
        Assert.Equal(2, first.Tasks.Count);
        var next = Assert.IsType<TaskCursor>(first.Next);
        var second = await Get<TaskPage>($"/internal/state/tasks?limit=2&after_us={next.UpdatedAtUs}&after_id={next.TaskId}");

        Assert.Null(second.Next);
        Assert.Equal(["a", "b", "c"], first.Tasks.Concat(second.Tasks).Select(task => task.TaskId).Order());
        Assert.Equal("b", Assert.Single((await Get<TaskPage>("/internal/state/tasks?type=data.*&requester=alice")).Tasks).TaskId);
    }

    [Theory]
    [InlineData("/internal/state/tasks?state=sleeping")]
    [InlineData("/internal/state/tasks?limit=201")]
    [InlineData("/internal/state/tasks?limit=0")]
    [InlineData("/internal/state/tasks?type=a..b")]
    [InlineData("/internal/state/tasks?requester=a%00b")]
    [InlineData("/internal/state/tasks?after_us=5")]
    [InlineData("/internal/state/tasks/a/history?limit=1001")]
    [InlineData("/internal/state/tasks/a/history?after=-1")]
    public async Task A_parameter_that_cannot_be_read_is_named(string address)
    {
        var answer = await _http.GetAsync(At(address));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("MSG001", JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString());
    }

    private static Uri At(string address) => new(address, UriKind.Relative);

    private async Task<T> Get<T>(string address) =>
        JsonSerializer.Deserialize<T>(await _http.GetStringAsync(At(address)), WireJson.Options)!;
}

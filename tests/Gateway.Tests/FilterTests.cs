using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;

namespace A2A.Micro.Gateway.Tests;

/// <summary>One grammar narrows lists and bulk commands.</summary>
[Trait("Requirement", "12")]
public sealed class FilterTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Every_filter_of_a_list_reaches_StateSync()
    {
        using var reply = await _host.Get("/v1/tasks?type=a.b,c&agent=agent-1&priority=high&correlation_id=c%201&metadata.batch_id=b%2F7"
            + "&created_after=2026-03-21T15:00:00%2B02:00&updated_before=2026-03-22T00:00:00Z&limit=3");
        Assert.Equal(200, (int)reply.StatusCode);
        var filter = _host.Neighbours.LastFilter!;
        Assert.Equal(["a.b", "c"], filter.TaskTypes);
        Assert.Equal(("agent-1", 3, 3), (filter.AgentId, filter.Priority, filter.Limit));
        Assert.Equal(["correlation_id=c 1", "batch_id=b/7"], filter.Labels);
        Assert.Equal(new DateTimeOffset(2026, 3, 21, 13, 0, 0, TimeSpan.Zero), filter.CreatedAfter);
        Assert.Equal(new DateTimeOffset(2026, 3, 22, 0, 0, 0, TimeSpan.Zero), filter.UpdatedBefore);
        Assert.Null(filter.TaskType);
    }

    [Theory]
    [InlineData("statsu=running", "#/query/statsu", "did you mean status")]
    [InlineData("colour=red", "#/query/colour", "known are")]
    [InlineData("metadata.=x", "#/query/metadata.", "plain member")]
    [InlineData("priority=0", "#/query/priority", "1 to 4")]
    [InlineData("priority=urgent", "#/query/priority", "1 to 4")]
    [InlineData("agent=a%20b", "#/query/agent", "agent")]
    [InlineData("type=a,b.*", "#/query/type", "prefix")]
    [InlineData("created_after=2026-03-21T15:00:00", "#/query/created_after", "offset")]
    [InlineData("updated_after=yesterday", "#/query/updated_after", "15m")]
    [InlineData("updated_after=0h", "#/query/updated_after", "15m")]
    public async Task A_filter_that_cannot_be_read_says_what_would_do(string query, string pointer, string advice)
    {
        using var reply = await _host.Get("/v1/tasks?" + query);
        var problem = await reply.Problem(400, "MSG001");
        Assert.Equal([pointer], problem.Pointers());
        Assert.Contains(advice, problem.Text("detail"), StringComparison.Ordinal);
        Assert.Null(_host.Neighbours.LastFilter);
    }

    [Fact]
    public async Task Every_mistake_of_a_query_is_named_at_once()
    {
        using var reply = await _host.Get("/v1/tasks?status=walking&priority=9&created_before=x");
        Assert.Equal(["#/query/status", "#/query/priority", "#/query/created_before"], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public async Task A_bulk_is_narrowed_by_the_same_words()
    {
        using var reply = await _host.Post("/v1/tasks:hold",
            """{"filter":{"type":"a,b","agent":"x","priority":"low","metadata.batch_id":"7","updated_after":"1h"},"dry_run":true}""");
        Assert.Equal(200, (int)reply.StatusCode);
        var filter = _host.Neighbours.LastFilter!;
        Assert.Equal(["a", "b"], filter.TaskTypes);
        Assert.Equal(("x", 1), (filter.AgentId, filter.Priority));
        Assert.Equal(["batch_id=7"], filter.Labels);
        Assert.NotNull(filter.UpdatedAfter);
        using var wrong = await _host.Post("/v1/tasks:hold", """{"filter":{"agnet":"x"}}""");
        Assert.Equal(["#/filter/agnet"], (await wrong.Problem(400, "MSG001")).Pointers());
        using var rate = await _host.Post("/v1/tasks:hold", """{"filter":{},"rate":101}""");
        Assert.Equal(["#/rate"], (await rate.Problem(400, "MSG001")).Pointers());
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("2h", 7200)]
    [InlineData("7d", 604800)]
    public void An_age_is_reckoned_from_now(string age, int seconds)
    {
        var (now, errors) = (new DateTimeOffset(2026, 3, 21, 12, 0, 0, TimeSpan.Zero), new List<FieldError>());
        var filter = FilterGrammar.Add(new TaskFilter(), [KeyValuePair.Create("created_after", age)], [], "#/query", now, errors);
        Assert.Empty(errors);
        Assert.Equal(now.AddSeconds(-seconds), filter.CreatedAfter);
    }

    [Fact]
    public async Task Workflows_are_listed_the_newest_first()
    {
        for (var i = 0; i < 3; i++)
        {
            using var accepted = await _host.Post("/v1/workflows", $$"""{"workflow_id":"w{{i}}","name":"n{{i}}","stages":[{"task_type":"a"}]}""");
            Assert.Equal(202, (int)accepted.StatusCode);
        }

        using var first = await _host.Get("/v1/workflows?limit=2");
        var page = await first.Json();
        Assert.Equal(2, page.GetProperty("workflows").GetArrayLength());
        using var second = await _host.Get("/v1/workflows?limit=2&cursor=" + page.Text("next_cursor"));
        var rest = await second.Json();
        Assert.False(rest.TryGetProperty("next_cursor", out _));
        var all = page.GetProperty("workflows").EnumerateArray().Concat(rest.GetProperty("workflows").EnumerateArray()).ToList();
        Assert.Equal(["w0", "w1", "w2"], all.Select(workflow => workflow.Text("workflow_id")).Order());
        Assert.All(all, workflow => Assert.Equal(("submitted", 1), (workflow.Text("state"), workflow.Whole("stages"))));
        Assert.Equal(all.Select(workflow => workflow.Text("created_at")).OrderDescending(), all.Select(workflow => workflow.Text("created_at")));
        using var odd = await _host.Get("/v1/workflows?limit=51&cursor=x");
        Assert.Equal(["#/query/limit", "#/query/cursor"], (await odd.Problem(400, "MSG001")).Pointers());
    }
}

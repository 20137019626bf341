using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Many tasks in one request.</summary>
[Trait("Requirement", "63")]
public sealed class BatchTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start(("A2A:Gateway:BatchBytesMax", "200000"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Tasks_call_each_other_by_name_in_any_order_and_leave_with_ids()
    {
        using var reply = await Post("""
            {"tasks":[
              {"name":"merge","task_type":"a.merge","dependencies":["left",{"task_id":"right","condition":"any"},"task-elsewhere"]},
              {"name":"left","task_type":"a.part","task_id":"task-left"},
              {"name":"right","task_type":"a.part"}]}
            """);

        Assert.Equal(202, (int)reply.StatusCode);
        var view = await reply.Json();
        Assert.Equal((3, 0), (view.GetProperty("accepted").GetInt32(), view.GetProperty("refused").GetInt32()));
        var items = view.GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal(["merge", "left", "right"], items.Select(item => item.GetProperty("name").GetString()));
        Assert.All(items, item => Assert.Equal(202, item.GetProperty("status").GetInt32()));
        var ids = items.Select(item => item.GetProperty("task_id").GetString()!).ToArray();
        Assert.Equal($"/v1/tasks/{ids[0]}", items[0].GetProperty("links").GetProperty("self").GetString());
        var submitted = await Submitted(3);
        Assert.Equal(ids.Order(), submitted.Select(task => task.TaskId).Order());
        Assert.Equal(
            [("task-left", DependencyCondition.Success), (ids[2], DependencyCondition.Completion), ("task-elsewhere", DependencyCondition.Success)],
            submitted.Single(task => task.TaskId == ids[0]).Dependencies.Select(dependency => (dependency.TaskId, dependency.Condition)));
    }

    [Fact]
    public async Task A_cycle_is_named_and_refuses_the_batch()
    {
        using var reply = await Post("""
            {"tasks":[
              {"name":"a","task_type":"t","dependencies":["c"]},
              {"name":"b","task_type":"t","dependencies":["free","a"]},
              {"name":"free","task_type":"t"},
              {"name":"c","task_type":"t","dependencies":["b"]}]}
            """);

        var problem = await reply.Problem(400, "MSG001");
        Assert.Contains(problem.GetProperty("errors").EnumerateArray(), error =>
            error.GetProperty("pointer").GetString() == "#/tasks/3/dependencies/0"
            && error.GetProperty("detail").GetString() == "closes a cycle: c -> b -> a -> c");
        Assert.Empty(_host.Neighbours.Submitted);
    }

    [Theory]
    [InlineData("""{"task_type":"t","task_id":"a b"}""", "#/tasks/1/task_id")]
    [InlineData("""{"task_type":"t","task_id":"known"}""", "#/tasks/1/task_id")]
    [InlineData("""{"task_type":"t","name":"first"}""", "#/tasks/1/name")]
    [InlineData("""{"task_type":"t","name":"a b"}""", "#/tasks/1/name")]
    [InlineData("""{"task_type":"t","name":7}""", "#/tasks/1/name")]
    [InlineData("""{"task_type":"t","name":"me","dependencies":["me"]}""", "#/tasks/1/dependencies/0")]
    [InlineData("""{"task_type":"t","requirements":{"cpus":1}}""", "#/tasks/1/requirements/cpus")]
    [InlineData("7", "#/tasks/1")]
    [InlineData("{}", "#/tasks/1/task_type")]
    public async Task A_wrong_field_is_named_with_the_place_of_its_task(string item, string pointer)
    {
        using var reply = await Post("""{"tasks":[{"task_type":"t","task_id":"known","name":"first"},""" + item + "]}");
        Assert.Equal([pointer], (await reply.Problem(400, "MSG001")).Pointers());
        Assert.Empty(_host.Neighbours.Submitted);
    }

    [Theory]
    [InlineData("{}", "#/tasks")]
    [InlineData("""{"tasks":{}}""", "#/tasks")]
    [InlineData("""{"tasks":[]}""", "#/tasks")]
    [InlineData("""{"tasks":[{"task_type":"t"}],"atomic":"yes"}""", "#/atomic")]
    [InlineData("""{"task":[]}""", "#/task", "#/tasks")]
    [InlineData("[]", "#")]
    public async Task A_body_that_is_no_batch_is_refused(string body, params string[] pointers)
    {
        using var reply = await Post(body);
        Assert.Equal(pointers, (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public async Task Item_by_item_what_is_wrong_is_refused_with_what_waits_for_it()
    {
        using var _ = await _host.Post("/v1/tasks", """{"task_type":"t","task_id":"taken"}""");
        using var reply = await Post("""
            {"atomic":false,"tasks":[
              {"name":"good","task_type":"t"},
              {"name":"bad","task_type":"t","priority":9},
              {"name":"victim","task_type":"t","dependencies":["good","bad"]},
              {"task_type":"other","task_id":"taken"},
              {"task_type":"t","task_id":"taken2","deadline":"2020-01-01T00:00:00Z"}]}
            """);

        Assert.Equal(202, (int)reply.StatusCode);
        var items = (await reply.Json()).GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal([202, 400, 400, 409, 422], items.Select(item => item.GetProperty("status").GetInt32()));
        Assert.Equal(
            ["#/tasks/1/priority", "#/tasks/2/dependencies/1", "#/tasks/3/task_id", "#/tasks/4/deadline"],
            items.Skip(1).SelectMany(item => item.GetProperty("problem").Pointers()));
        Assert.Equal(
            new[] { "taken", items[0].GetProperty("task_id").GetString()! }.Order(), (await Submitted(2)).Select(task => task.TaskId).Order());
    }

    [Fact]
    public async Task A_conflict_refuses_an_atomic_batch()
    {
        using var _ = await _host.Post("/v1/tasks", """{"task_type":"t","task_id":"taken"}""");
        using var reply = await Post("""{"tasks":[{"task_type":"t","task_id":"free"},{"task_type":"other","task_id":"taken"}]}""");

        Assert.Equal(["#/tasks/1/task_id"], (await reply.Problem(409, "CONFLICT")).Pointers());
        using var look = await _host.Get("/v1/tasks/free");
        Assert.Equal(404, (int)look.StatusCode);
    }

    [Fact]
    public async Task The_same_key_names_the_same_tasks_again_and_refuses_another_body()
    {
        const string Body = """{"tasks":[{"name":"a","task_type":"t"},{"task_type":"t","dependencies":["a"]}]}""";
        using var first = await Post(Body, ("Idempotency-Key", "\"k\""));
        using var again = await Post(Body, ("Idempotency-Key", "\"k\""));
        using var other = await Post(Body.Replace("\"t\"", "\"u\"", StringComparison.Ordinal), ("Idempotency-Key", "\"k\""));

        Assert.Equal((202, 200), ((int)first.StatusCode, (int)again.StatusCode));
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(Ids(await first.Json()), Ids(await again.Json()));
        _ = await other.Problem(422, "IDEMPOTENCY_KEY_REUSED");
        Assert.Equal(2, (await Submitted(2)).Count);
    }

    [Fact]
    public async Task Lines_in_lines_out()
    {
        var lines = """
            {"name":"a","task_type":"t"}

            {"name":"b","task_type":"t","dependencies":["a"]}
            """;
        using var reply = await Lines("/v1/tasks:batch", lines);

        Assert.Equal("application/x-ndjson", reply.Content.Headers.ContentType?.MediaType);
        var items = (await reply.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonElement.Parse(line)).ToArray();
        Assert.Equal(["a", "b"], items.Select(item => item.GetProperty("name").GetString()));
        Assert.Equal(items[0].GetProperty("task_id").GetString(), (await Submitted(2)).SelectMany(task => task.Dependencies).Single().TaskId);

        const string Half = "{\"task_type\":\"t\"}\n{\"task_type\":\n{\"task_type\":\"t\"}";
        using var whole = await Lines("/v1/tasks:batch", Half);
        Assert.Equal(["#/tasks/1/task_type"], (await whole.Problem(400, "MSG001")).Pointers());
        using var broken = await Lines("/v1/tasks:batch?atomic=false", Half);
        var each = (await broken.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonElement.Parse(line)).ToArray();
        Assert.Equal([202, 400, 202], each.Select(item => item.GetProperty("status").GetInt32()));
        Assert.Equal(["#/tasks/1/task_type"], each[1].GetProperty("problem").Pointers());
        using var flag = await Lines("/v1/tasks:batch?atomic=perhaps", lines);
        Assert.Equal(["#/query/atomic"], (await flag.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public async Task A_whole_that_is_refused_names_the_causes_and_not_what_follows_from_them()
    {
        using var cycle = await Post("""
            {"tasks":[{"name":"a","task_type":"x","dependencies":["b"]},{"name":"b","task_type":"x","dependencies":["a"]},
              {"name":"c","task_type":"x","dependencies":["b"]},{"name":"d","task_type":"x","parent_task_id":"c"}]}
            """);
        var problem = await cycle.Problem(400, "MSG001");
        Assert.Equal("closes a cycle: b -> a -> b", Assert.Single(problem.GetProperty("errors").EnumerateArray()).GetProperty("detail").GetString());
        Assert.Contains("closes a cycle", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_tasks_go_in_one_more_does_not_and_neither_do_too_many_bytes()
    {
        using var most = await Post(Many(1000, ""));
        Assert.Equal(202, (int)most.StatusCode);
        using var more = await Post(Many(1001, ""));
        _ = await more.Problem(413, "PAYLOAD_TOO_LARGE");
        using var lines = await Lines("/v1/tasks:batch", string.Concat(Enumerable.Repeat("{\"task_type\":\"t\"}\n", 1001)));
        _ = await lines.Problem(413, "PAYLOAD_TOO_LARGE");
        using var large = await Post(Many(1, new string('x', 60_000)));
        _ = await large.Problem(413, "PAYLOAD_TOO_LARGE");
    }

    // No single text may be longer than 64 KiB.
    private static string Many(int count, string quarter) => new JsonObject
    {
        ["tasks"] = new JsonArray([.. Enumerable.Range(0, count).Select(_ => new JsonObject
        {
            ["task_type"] = "t",
            ["parameters"] = new JsonArray(quarter, quarter, quarter, quarter),
        })]),
    }.ToJsonString();

    private static IEnumerable<string?> Ids(JsonElement view) =>
        view.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("task_id").GetString());

    private Task<HttpResponseMessage> Post(string body, params (string Name, string Value)[] headers) =>
        _host.Post("/v1/tasks:batch", body, headers);

    private Task<HttpResponseMessage> Lines(string path, string lines) =>
        _host.Send(HttpMethod.Post, path, new StringContent(lines, Encoding.UTF8, "application/x-ndjson"));

    private Task<IReadOnlyList<SubmitTask>> Submitted(int count) => Eventually.Seen<IReadOnlyList<SubmitTask>>(
        _ => Task.FromResult<IReadOnlyList<SubmitTask>>([.. _host.Neighbours.Submitted]),
        seen => seen.Count >= count,
        $"{count} tasks reached the Scheduler");
}

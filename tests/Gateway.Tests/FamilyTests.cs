using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Requirement 81 over HTTP: children, the list of them, the tree, and what a cancel does to them.</summary>
public sealed class FamilyTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start(("A2A:Gateway:AnswerTimeout", "00:00:02"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_child_reaches_the_Scheduler_with_its_parent_and_reads_with_it_at_once()
    {
        using var reply = await _host.Post("/v1/tasks", """{"task_id":"c","task_type":"a","parent_task_id":"p"}""");
        Assert.Equal(202, (int)reply.StatusCode);
        Assert.Equal("/v1/tasks/c/tree", (await reply.Json()).GetProperty("links").GetProperty("tree").GetString());
        Assert.Equal("p", (await Submitted(1))[0].ParentTaskId);

        using var view = await _host.Get("/v1/tasks/c");
        Assert.Equal("p", (await view.Json()).GetProperty("parent_task_id").GetString());
    }

    [Theory]
    [InlineData("""{"task_id":"c","task_type":"a","parent_task_id":"no such/id"}""", "#/parent_task_id")]
    [InlineData("""{"task_id":"c","task_type":"a","parent_task_id":""}""", "#/parent_task_id")]
    [InlineData("""{"task_id":"c","task_type":"a","parent_task_id":7}""", "#/parent_task_id")]
    [InlineData("""{"task_id":"c","task_type":"a","parent_task_id":"c"}""", "#/parent_task_id")]
    [InlineData("""{"task_id":"c","task_type":"a","parent_task_id":"p","dependencies":["x","p"]}""", "#/dependencies/1")]
    [InlineData("""{"task_id":"c","task_type":"a","parent":"p"}""", "#/parent")]
    public async Task A_parent_that_cannot_be_one_is_named(string body, string pointer)
    {
        using var reply = await _host.Post("/v1/tasks", body);
        Assert.Equal([pointer], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public async Task A_parent_that_has_ended_takes_no_child_but_a_repeat_of_an_accepted_one_is_answered()
    {
        const string Body = """{"task_id":"c","task_type":"a","parent_task_id":"p"}""";
        _host.Neighbours.Put("p", TaskState.Running);
        using var first = await _host.Post("/v1/tasks", Body);
        _host.Neighbours.Put("p", TaskState.Failed);

        using var again = await _host.Post("/v1/tasks", Body);
        using var another = await _host.Post("/v1/tasks", Body.Replace("\"c\"", "\"d\"", StringComparison.Ordinal));

        Assert.Equal((202, 200), ((int)first.StatusCode, (int)again.StatusCode));
        var problem = await another.Problem(409, "CONFLICT");
        Assert.Equal(["#/parent_task_id"], problem.Pointers());
        Assert.Contains("is failed and takes no more children", problem.GetProperty("errors")[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_StateSync_away_a_child_is_accepted_and_the_Scheduler_decides()
    {
        _host.Neighbours.Put("p", TaskState.Failed);
        _host.Neighbours.StatesDown = true;
        using var reply = await _host.Post("/v1/tasks", """{"task_id":"c","task_type":"a","parent_task_id":"p"}""");
        Assert.Equal(202, (int)reply.StatusCode);
    }

    [Fact]
    public async Task A_batch_names_parents_by_their_local_names_in_any_order()
    {
        using var reply = await _host.Post("/v1/tasks:batch", """
            {"tasks":[{"name":"part","task_type":"a","parent_task_id":"whole"},{"name":"whole","task_type":"b"},
              {"name":"other","task_type":"a","parent_task_id":"elsewhere"}]}
            """);
        Assert.Equal(202, (int)reply.StatusCode);
        var submitted = await Submitted(3);
        var whole = submitted.Single(task => task.TaskType == "b");
        Assert.Equal([whole.TaskId, "elsewhere"], submitted.Where(task => task.TaskType == "a").Select(task => task.ParentTaskId).Order().Reverse());
    }

    [Fact]
    public async Task A_batch_refuses_a_child_that_can_have_no_place()
    {
        using var ring = await _host.Post("/v1/tasks:batch",
            """{"tasks":[{"name":"a","task_type":"x","parent_task_id":"b"},{"name":"b","task_type":"x","parent_task_id":"a"}]}""");
        var errors = (await ring.Problem(400, "MSG001")).GetProperty("errors").EnumerateArray();
        Assert.Contains(errors, error => error.GetProperty("pointer").GetString() == "#/tasks/0/parent_task_id"
            && error.GetProperty("detail").GetString()!.Contains("closes a ring of parents", StringComparison.Ordinal));

        using var orphan = await _host.Post("/v1/tasks:batch?atomic=false",
            """{"tasks":[{"name":"a","task_type":"x","parent_task_id":"b"},{"name":"b","task_type":"x","priority":9}]}""");
        var item = (await orphan.Json()).GetProperty("items")[0].GetProperty("problem").GetProperty("errors")[0];
        Assert.Equal(("#/tasks/0/parent_task_id", "task 1 of this batch (b) is refused"),
            (item.GetProperty("pointer").GetString(), item.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task A_batch_refuses_what_stands_too_deep()
    {
        var line = Enumerable.Range(0, FamilyRules.DepthMax + 2).Select(n => new
        {
            name = $"n{n}",
            task_type = "x",
            parent_task_id = n == 0 ? null : $"n{n - 1}",
        });
        using var reply = await _host.Post("/v1/tasks:batch?atomic=false", JsonSerializer.Serialize(new { tasks = line }));
        var items = (await reply.Json()).GetProperty("items").EnumerateArray().Select(each => each.GetProperty("status").GetInt32()).ToArray();
        Assert.Equal([.. Enumerable.Repeat(202, FamilyRules.DepthMax + 1), 400], items);
    }

    [Fact]
    public async Task The_list_of_children_is_asked_for_by_their_parent()
    {
        using var reply = await _host.Get("/v1/tasks?parent_task_id=p&status=running");
        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Equal(("p", TaskState.Running), (_host.Neighbours.LastFilter!.ParentTaskId, _host.Neighbours.LastFilter.States.Single()));
        using var wrong = await _host.Get("/v1/tasks?parent_task_id=a/b");
        Assert.Equal(["#/query/parent_task_id"], (await wrong.Problem(400, "MSG001")).Pointers());
        using var bulk = await _host.Post("/v1/tasks:cancel", """{"filter":{"parent_task_id":"p"},"dry_run":true}""");
        Assert.Equal(200, (int)bulk.StatusCode);
        Assert.Equal("p", _host.Neighbours.LastFilter.ParentTaskId);
    }

    [Fact]
    public async Task A_tree_shows_every_level_with_counts_and_the_progress_of_the_whole()
    {
        _host.Neighbours.Family = new TaskTree
        {
            Tasks =
            [
                _host.Neighbours.Put("p", TaskState.Running, task => task with { Progress = 0.15 }),
                Child("p", "a", TaskState.Completed, 1), Child("p", "b", TaskState.Running, 0.9), Child("b", "b1", TaskState.Failed, 0.3),
                Child("b", "b2", TaskState.Running, 0.5),
            ],
        };

        using var reply = await _host.Get("/v1/tasks/p/tree");

        var tree = await reply.Json();
        Assert.Equal("""{"running":3,"completed":1,"failed":1}""", tree.GetProperty("counts").GetRawText());
        // b: itself, one that has ended and one half done; p: itself, a that has ended, and b with all below it.
        Assert.Equal((5, 0.65, false),
            (tree.GetProperty("tasks").GetInt32(), Math.Round(tree.GetProperty("progress").GetDouble(), 6), tree.TryGetProperty("more", out _)));
        var root = tree.GetProperty("root");
        Assert.Equal(["a", "b"], root.GetProperty("children").EnumerateArray().Select(child => child.GetProperty("task_id").GetString()));
        var inner = root.GetProperty("children")[1];
        Assert.Equal((0.9, 0.8), (inner.GetProperty("progress").GetDouble(), Math.Round(inner.GetProperty("tree_progress").GetDouble(), 6)));
        Assert.Equal(["b1", "b2"], inner.GetProperty("children").EnumerateArray().Select(child => child.GetProperty("task_id").GetString()));
    }

    [Fact]
    public async Task A_tree_has_bounds_and_only_known_tasks_have_one()
    {
        foreach (var limit in new[] { "0", "1001", "x" })
        {
            using var wrong = await _host.Get("/v1/tasks/p/tree?limit=" + limit);
            Assert.Equal(["#/query/limit"], (await wrong.Problem(400, "MSG001")).Pointers());
        }

        using var none = await _host.Get("/v1/tasks/nobody/tree");
        _ = await none.Problem(404, "NOT_FOUND");
        using var accepted = await _host.Post("/v1/tasks", """{"task_id":"new","task_type":"a"}""");
        using var alone = await _host.Get("/v1/tasks/new/tree");
        Assert.Equal("submitted", (await alone.Json()).GetProperty("root").GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("""{}""", null)]
    [InlineData("""{"cascade":true}""", true)]
    [InlineData("""{"cascade":false}""", false)]
    public async Task A_cancel_says_whether_children_go_with_it(string body, bool? cascade)
    {
        _host.Neighbours.Put("t", TaskState.Running);
        using var reply = await _host.Post("/v1/tasks/t/cancel", body);
        Assert.Equal(202, (int)reply.StatusCode);
        Assert.Equal(cascade, _host.Neighbours.Cancels.Single().Cascade);
    }

    [Fact]
    public async Task A_cascade_that_is_neither_true_nor_false_is_named()
    {
        _host.Neighbours.Put("t", TaskState.Running);
        using var reply = await _host.Post("/v1/tasks/t/cancel", """{"cascade":"children"}""");
        Assert.Equal(["#/cascade"], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public void The_progress_of_a_tree_is_one_exactly_when_all_of_it_has_ended()
    {
        var leaf = _host.Neighbours.Put("leaf", TaskState.Running, task => task with { ParentTaskId = "p", Progress = 0 });
        var parent = _host.Neighbours.Put("p", TaskState.Running, task => task with { Progress = 1 });
        var (ended, gone) = (parent with { State = TaskState.Cancelled }, leaf with { State = TaskState.Failed });
        Assert.Equal([false, false, false, true],
            new[] { new[] { parent, leaf }, [ended, leaf], [parent, gone], [ended, gone] }
                .Select(tasks => TreeViews.Of(new TaskTree { Tasks = tasks }).Progress == 1));
        Assert.Equal(0.99, TreeViews.Of(new TaskTree { Tasks = [parent] }).Progress);
    }

    private TaskDocument Child(string parent, string id, TaskState state, double progress) =>
        _host.Neighbours.Put(id, state, task => task with { ParentTaskId = parent, Progress = progress });

    private Task<SubmitTask[]> Submitted(int count) => Eventually.Seen(
        _ => Task.FromResult(_host.Neighbours.Submitted.ToArray()), seen => seen.Length == count, $"{count} submissions reached the Scheduler");
}

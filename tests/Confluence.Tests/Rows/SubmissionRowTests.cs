using System.Net;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Confluence.Tests.Rows;

/// <summary>What a task message says, and what becomes of each part of it (requirements 5 to 18).</summary>
public sealed class SubmissionRowTests(RowWorld world) : RowTests(world)
{
    [Fact]
    [Trait("Requirement", "5")]
    [Trait("Requirement", "6")]
    [Trait("Requirement", "71")]
    public async Task The_guides_example_goes_in_as_it_stands_over_HTTP_and_over_the_bus()
    {
        var deadline = TimeProvider.System.GetUtcNow().AddHours(1);
        object Example(string id) => new
        {
            task_id = id,
            type = "data_processing",
            priority = 1,
            deadline,
            requirements = new { cpu_cores = 4, memory_gb = 16.0, storage_gb = 100.0 },
            dependencies = Array.Empty<string>(),
            metadata = new { source = "user_upload", batch_id = "batch-123" },
        };

        await Submit(Example("task-123e4567-e89b"));
        await World.Publish(JsonSerializer.SerializeToElement(Example("task-by-bus")).Deserialize<SubmitTask>(Contracts.Wire.WireJson.Options)!);

        foreach (var id in (string[])["task-123e4567-e89b", "task-by-bus"])
        {
            var task = await Eventually.Seen(_ => TaskOrNothing(id), seen => Text(seen, "state") == "queued", $"{id} waits");
            Assert.Equal(("data_processing", "1", "low"), (Text(task, "task_type"), Text(task, "priority"), Text(task, "priority_name")));
            Assert.Equal(("4", "16", "100"),
                (Text(task, "requirements", "cpu_cores"), Text(task, "requirements", "memory_gb"), Text(task, "requirements", "storage_gb")));
            Assert.Equal(("user_upload", "batch-123"), (Text(task, "metadata", "source"), Text(task, "metadata", "batch_id")));
            Assert.Equal(deadline.ToUnixTimeMilliseconds(), task.GetProperty("deadline").GetDateTimeOffset().ToUnixTimeMilliseconds());
        }
    }

    [Fact]
    [Trait("Requirement", "9")]
    public async Task The_same_task_again_is_the_same_and_runs_once_and_another_one_under_its_id_is_a_conflict()
    {
        object task = new { task_id = "nine", task_type = "row.echo", parameters = new { n = 1 } };
        await Submit(task);
        _ = await Ended("nine");

        Assert.Equal(HttpStatusCode.OK, (await Post("/v1/tasks", task)).Status);
        var (status, problem) = await Post("/v1/tasks", new { task_id = "nine", task_type = "row.echo", parameters = new { n = 2 } });

        Assert.Equal((HttpStatusCode.Conflict, "CONFLICT"), (status, Text(problem, "code")));
        Assert.Equal(("completed", "1"), (Text(await Task("nine"), "state"), Text(await Task("nine"), "attempt")));
        var first = Text(await Submit(new { task_type = "row.echo" }), "task_id");
        // Ids tell milliseconds apart, and a submission may take less than one.
        var at = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.True(SpinWait.SpinUntil(() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() > at, TimeSpan.FromSeconds(10)));
        var second = Text(await Submit(new { task_type = "row.echo" }), "task_id");
        Assert.True(string.CompareOrdinal(first, second) < 0, $"{first} and {second} stand in the order in which they were made");
    }

    [Fact]
    [Trait("Requirement", "11")]
    [Trait("Requirement", "12")]
    [Trait("Requirement", "87")]
    public async Task Parameters_and_metadata_reach_the_agent_and_come_back_to_the_letter()
    {
        const string Parameters = """
            {"amount":"123.45","deep":[{"a":[1,2.50,null,true]}],"at":"2026-03-21T15:00:00Z","geo":{"lat":1.5,"lng":-2},"text":"grüß 世界 🙂"}
            """;
        const string Metadata = """{"workflow_id":"wf-eleven","correlation_id":"c-1","n":7}""";
        await Submit(new { task_id = "eleven", task_type = "row.echo", parameters = JsonElement.Parse(Parameters), metadata = JsonElement.Parse(Metadata) });

        var task = await Ended("eleven");

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Parameters), task.GetProperty("parameters")), task.ToString());
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Parameters), task.GetProperty("result").GetProperty("given")), task.ToString());
        Assert.Contains("2.50", task.GetProperty("result").GetRawText(), StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Metadata), task.GetProperty("metadata")));
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Metadata), task.GetProperty("result").GetProperty("metadata")));
        Assert.Equal("eleven", Text(Assert.Single((await Get("/v1/tasks?metadata.workflow_id=wf-eleven")).GetProperty("tasks").EnumerateArray()), "task_id"));
        Assert.Equal("eleven", Text(Assert.Single((await Get("/v1/tasks?correlation_id=c-1")).GetProperty("tasks").EnumerateArray()), "task_id"));
    }

    [Fact]
    [Trait("Requirement", "13")]
    [Trait("Requirement", "77")]
    public async Task A_requester_finds_its_own_results_with_all_their_fields()
    {
        await Submit(new { task_id = "thirteen", task_type = "row.echo", requester_agent_id = "asker-13", parameters = new { n = 1 } });
        await Submit(new { task_id = "not-thirteen", task_type = "row.echo", requester_agent_id = "asker-14" });
        _ = await Ended("thirteen");

        Assert.Equal("thirteen", Text(Assert.Single((await Get("/v1/tasks?requester=asker-13")).GetProperty("tasks").EnumerateArray()), "task_id"));
        var result = await Get("/v1/tasks/thirteen/result");
        Assert.Equal(("thirteen", "completed", "echo", "1"),
            (Text(result, "task_id"), Text(result, "state"), Text(result, "executor_agent_id"), Text(result, "result", "given", "n")));
        Assert.NotEqual("", Text(result, "completed_at"));
        Assert.NotEqual("", Text(result, "execution_metadata"));
    }

    [Fact]
    [Trait("Requirement", "14")]
    public async Task A_named_agent_gets_the_task_or_it_waits_for_it_and_says_so()
    {
        await Submit(new { task_id = "for-bob", task_type = "test.team", responder_agent_id = "bob", parameters = new { mode = "plain" } });
        await Submit(new { task_id = "for-nobody", task_type = "test.team", responder_agent_id = "not-there", on_infeasible = "wait" });

        Assert.Equal("bob", Text(await Ended("for-bob"), "agent_id"));
        Assert.Equal("queued", Text(await Until("for-nobody", task => Text(task, "waiting", "code") == "PINNED_AGENT_OFFLINE", "says why"), "state"));
    }

    [Fact]
    [Trait("Requirement", "15")]
    [Trait("Requirement", "92")]
    public async Task A_deadline_ends_what_waits_and_what_runs_and_refuses_what_is_past()
    {
        await Submit(new { task_id = "late-waiting", task_type = "row.nobody", deadline = In(0.6) });
        await Submit(new { task_id = "late-running", task_type = "row.wait", deadline = In(0.8) });
        var (status, problem) = await Post("/v1/tasks", new { task_type = "row.echo", deadline = In(-1) });

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "DEADLINE_IMPOSSIBLE"), (status, Text(problem, "code")));
        foreach (var id in (string[])["late-waiting", "late-running"])
        {
            var task = await Ended(id);
            Assert.Equal(("expired", "DEADLINE_EXCEEDED"), (Text(task, "state"), Text(task, "error", "code")));
            Assert.InRange(task.GetProperty("ended_at").GetDateTimeOffset() - task.GetProperty("deadline").GetDateTimeOffset(),
                TimeSpan.FromMilliseconds(-5), TimeSpan.FromSeconds(3));
        }

        Assert.Equal("0", Text(await Task("late-waiting"), "started_at") + Text(await Task("late-waiting"), "progress"));
    }

    [Fact]
    [Trait("Requirement", "15")]
    [Trait("Requirement", "16")]
    [Trait("Requirement", "74")]
    [Trait("Requirement", "96")]
    public async Task The_urgent_overtake_then_the_earlier_deadline_and_an_agent_has_no_more_than_it_can_hold()
    {
        object Narrow(string id, string priority, double deadline) => new { task_id = id, task_type = "row.narrow", priority, deadline = In(deadline) };
        await Submit(Narrow("n-first", "low", 600));
        _ = await Until("n-first", "running");
        foreach (var (id, priority, deadline) in
            new[] { ("n-low", "low", 300.0), ("n-later", "medium", 500.0), ("n-soon", "medium", 200.0), ("n-high", "high", 590.0) })
        {
            await Submit(Narrow(id, priority, deadline));
            _ = await Until(id, task => Text(task, "waiting", "code").Length > 0 && Text(task, "state") == "queued", "waits");
        }

        string[] order = ["n-first", "n-high", "n-later", "n-soon", "n-low"];
        foreach (var id in order) { RowWorld.Open(id); }
        foreach (var id in order) { _ = await Ended(id); }

        var begun = RowWorld.Order.Where(order.Contains).ToList();
        Assert.Equal(("n-first", "n-high", "n-low"), (begun[0], begun[1], begun[^1]));
        Assert.Equal(1, RowWorld.MostAtOnce);
    }

    [Fact]
    [Trait("Requirement", "17")]
    public async Task The_servers_clock_counts_and_what_the_caller_says_is_kept()
    {
        await Submit(new { task_id = "seventeen", task_type = "row.echo", created_at = "2001-01-01T00:00:00Z" });
        var task = await Ended("seventeen");
        Assert.True(TimeProvider.System.GetUtcNow() - task.GetProperty("created_at").GetDateTimeOffset() < TimeSpan.FromMinutes(5));
        Assert.Equal("2001-01-01T00:00:00.000Z", Text(task, "metadata", "a2a.client_created_at"));
    }

    [Fact]
    [Trait("Requirement", "7")]
    public async Task A_graph_in_any_order_goes_by_its_conditions_and_what_closes_a_cycle_names_it()
    {
        object[] both = ["g-first", new { task_id = "g-bad", condition = "failure" }];
        await Submit(new { task_id = "g-after", task_type = "row.echo", dependencies = both });
        await Submit(new { task_id = "g-vain", task_type = "row.echo", dependencies = new[] { "g-bad" } });
        object[] anyway = [new { task_id = "g-bad", on_unsatisfied = "release" }];
        await Submit(new { task_id = "g-anyway", task_type = "row.echo", dependencies = anyway });
        Assert.Equal("DEPENDENCY", Text(await Until("g-after", task => Text(task, "state") == "blocked", "waits"), "waiting", "code"));
        await Submit(new { task_id = "g-bad", task_type = "test.work", parameters = new { mode = "fail" } });
        await Submit(new { task_id = "g-first", task_type = "row.echo" });
        await Submit(new { task_id = "g-hen", task_type = "row.echo", dependencies = new[] { "g-egg" } });
        _ = await Until("g-hen", "blocked");
        await Submit(new { task_id = "g-egg", task_type = "row.echo", dependencies = new[] { "g-hen" } });

        Assert.Equal(("completed", "failed", "completed"),
            (Text(await Ended("g-after"), "state"), Text(await Ended("g-vain"), "state"), Text(await Ended("g-anyway"), "state")));
        Assert.Equal("DEPENDENCY_UNSATISFIED", Text(await Task("g-vain"), "error", "code"));
        Assert.Contains("g-egg -> g-hen -> g-egg", Text(await Ended("g-egg"), "error", "message"), StringComparison.Ordinal);
    }

    private async Task<JsonElement> TaskOrNothing(string id)
    {
        using var answer = await Http.GetAsync(new Uri("/v1/tasks/" + id, UriKind.Relative));
        return answer.IsSuccessStatusCode ? JsonElement.Parse(await answer.Content.ReadAsStringAsync()) : default;
    }
}

using System.Net;
using System.Text.Json;

namespace A2A.Micro.Confluence.Tests.Rows;

/// <summary>Types, their agents, schemas and history (requirements 72 to 75, 81, 83 to 90, 95, 97 to 99).</summary>
public sealed class TypeRowTests(RowWorld world) : RowTests(world)
{
    [Fact]
    [Trait("Requirement", "72")]
    [Trait("Requirement", "83")]
    [Trait("Requirement", "84")]
    public async Task An_agent_for_a_pattern_gets_what_it_covers_and_nothing_else()
    {
        await Submit(new { task_id = "wild-data", task_type = "data.analysis" });
        await Submit(new { task_id = "wild-image", task_type = "image.generation" });

        Assert.Equal(("completed", "echo"), (Text(await Ended("wild-data"), "state"), Text(await Task("wild-data"), "agent_id")));
        Assert.Equal("queued", Text(await Until("wild-image", task => Text(task, "waiting", "code") == "NO_AGENT_FOR_TYPE", "says why"), "state"));
        var agent = await Get("/v1/agents/echo");
        Assert.Equal("online", Text(agent, "state"));
        Assert.Contains("data.*", agent.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "73")]
    [Trait("Requirement", "90")]
    public async Task An_agent_that_says_no_is_passed_over_and_only_when_all_say_no_the_task_is_rejected()
    {
        foreach (var n in Enumerable.Range(0, 4)) { await Submit(new { task_id = $"choosy-{n}", task_type = "row.choosy" }); }
        await Submit(new { task_id = "unloved", task_type = "row.unloved" });

        foreach (var n in Enumerable.Range(0, 4)) { Assert.Equal("rather", Text(await Ended($"choosy-{n}"), "agent_id")); }
        var task = await Ended("unloved");
        Assert.Equal(("rejected", "RESOURCE_UNAVAILABLE"), (Text(task, "state"), Text(task, "error", "code")));
        Assert.Contains("rather rejected: UNSUPPORTED_TASK_TYPE", task.GetProperty("error").GetProperty("details").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "75")]
    [Trait("Requirement", "97")]
    [Trait("Requirement", "99")]
    public async Task History_says_what_a_deadline_must_leave_and_how_a_type_does()
    {
        var tasks = Enumerable.Range(0, 24).Select(n => new { task_id = $"slow-{n}", task_type = "row.slow" });
        var (_, batch) = await Post("/v1/tasks:batch", new { tasks });
        Assert.Equal("24", Text(batch, "accepted"));
        foreach (var n in Enumerable.Range(0, 24)) { Assert.Equal("completed", Text(await Ended($"slow-{n}"), "state")); }

        var figures = await Get("/v1/stats/task-types/row.slow");
        // What a Gateway knows of a type it remembers for a while: it may have looked when few of them had ended.
        var (status, problem) = await Eventually.Seen(
            _ => Post("/v1/tasks?dry_run=true", new { task_type = "row.slow", deadline = In(0.15) }), seen => seen.Status == HttpStatusCode.UnprocessableEntity,
            "history counts", seen => seen.Answer.ToString(), TimeSpan.FromSeconds(60));
        var (timed, other) = await Post("/v1/tasks", new { task_type = "row.slow", timeout_s = 1, not_before = In(60) });
        var (fine, taken) = await Post("/v1/tasks", new { task_type = "row.slow", deadline = Text(problem, "suggested_deadline") });

        Assert.Equal(("24", "24", "1"), (Text(figures, "count"), Text(figures, "completed"), Text(figures, "success_rate")));
        Assert.True(figures.GetProperty("execution_s").GetProperty("p50").GetDouble() >= 0.3, figures.ToString());
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "DEADLINE_IMPOSSIBLE"), (status, Text(problem, "code")));
        Assert.Equal((HttpStatusCode.Accepted, ""), (timed, Text(other, "code")));
        Assert.True(fine == HttpStatusCode.Accepted, taken.ToString());
        var all = (await Get("/v1/stats")).ToString();
        Assert.Contains("row.slow", all, StringComparison.Ordinal);
        Assert.Contains("echo", all, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "85")]
    [Trait("Requirement", "98")]
    public async Task A_class_and_an_agent_give_what_a_task_leaves_open()
    {
        await Submit(new { task_id = "simple", task_type = "simple.greet" });
        await Submit(new { task_id = "heavy", task_type = "background.sweep" });
        await Submit(new { task_id = "letter", task_type = "row.letter", parameters = new { to = "ada@example.org" } });
        await Submit(new { task_id = "later", task_type = "simple.greet", not_before = In(3600) });

        Assert.Equal(("300", "2", "0.25"), Given(await Ended("simple")));
        Assert.Equal(("86400", "1", "0.25"), Given(await Until("heavy", "queued")));
        Assert.Equal(("120", "3", "0.5"), Given(await Ended("letter")));
        var later = await Until("later", "blocked");
        Assert.Equal(("300", "", "SCHEDULED_LATER"), (Text(later, "timeout_s"), Text(later, "deadline"), Text(later, "waiting", "code")));

        static (string, string, string) Given(JsonElement task) => (
            $"{Math.Round((task.GetProperty("deadline").GetDateTimeOffset() - task.GetProperty("created_at").GetDateTimeOffset()).TotalSeconds)}",
            Text(task, "priority"), Text(task, "requirements", "cpu_cores"));
    }

    [Fact]
    [Trait("Requirement", "10")]
    [Trait("Requirement", "86")]
    [Trait("Requirement", "87")]
    [Trait("Requirement", "88")]
    [Trait("Requirement", "94")]
    public async Task Parameters_are_held_against_the_schema_of_their_type_and_every_mistake_is_named()
    {
        var (status, problem) = await Post("/v1/tasks", new
        {
            task_type = "row.letter@2",
            parameters = new { to = new string('a', 300), copies = 99, send_at = "tomorrow" },
        });
        var (empty, missing) = await Post("/v1/tasks", new { task_type = "row.letter" });

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "INVALID_PARAMETERS"), (status, Text(problem, "code")));
        Assert.Equal(["#/parameters/copies", "#/parameters/send_at", "#/parameters/to"],
            problem.GetProperty("errors").EnumerateArray().Select(error => Text(error, "pointer")).Distinct().Order());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, empty);
        Assert.Contains("#/parameters/to", missing.GetProperty("errors").ToString(), StringComparison.Ordinal);
        var type = await Get("/v1/task-types/row.letter");
        Assert.Equal(("2", "email"), (Text(type, "version"), Text(type, "parameters_schema", "properties", "to", "format")));
    }

    [Fact]
    [Trait("Requirement", "90")]
    [Trait("Requirement", "95")]
    public async Task What_can_never_fit_or_is_not_the_callers_to_say_is_refused()
    {
        var (large, problem) = await Post("/v1/tasks", new { task_type = "row.echo", requirements = new { cpu_cores = 1000 } });
        var (forged, names) = await Post("/v1/tasks", new { task_type = "row.echo", metadata = new Dictionary<string, string> { ["a2a.subject"] = "root" } });
        var (typed, reserved) = await Post("/v1/tasks", new { task_type = "a2a.internal" });

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "RESOURCE_UNAVAILABLE"), (large, Text(problem, "code")));
        Assert.Equal((HttpStatusCode.BadRequest, "#/metadata"), (forged, Text(names.GetProperty("errors")[0], "pointer")));
        Assert.Equal((HttpStatusCode.BadRequest, "#/task_type"), (typed, Text(reserved.GetProperty("errors")[0], "pointer")));
    }

    [Theory]
    [Trait("Requirement", "81")]
    [InlineData("cancel_on_failure", true, "running")]
    [InlineData("cancel_on_failure", false, "cancelled")]
    [InlineData("cancel", true, "cancelled")]
    [InlineData("continue", false, "running")]
    public async Task When_a_parent_ends_each_child_goes_by_its_own_word(string word, bool completes, string state)
    {
        var parent = $"boss-{word}-{completes}";
        await Submit(new { task_id = parent, task_type = "row.wait" });
        await Submit(new { task_id = "aide-of-" + parent, task_type = "row.wait", parent_task_id = parent, on_parent_end = word });
        _ = await Until("aide-of-" + parent, "running");

        if (completes) { RowWorld.Open(parent); }
        else { _ = await Post($"/v1/tasks/{parent}/cancel?wait=10", new { }); }
        Assert.Equal(completes ? "completed" : "cancelled", Text(await Ended(parent), "state"));

        var child = await Until("aide-of-" + parent, state);
        Assert.Equal((word, parent), (Text(child, "on_parent_end"), Text(child, "parent_task_id")));
        RowWorld.Open("aide-of-" + parent);
        Assert.Equal(state == "running" ? "completed" : "cancelled", Text(await Ended("aide-of-" + parent), "state"));
    }

    [Fact]
    [Trait("Requirement", "80")]
    public async Task What_undoes_a_stage_has_its_whole_time_however_long_the_stages_took()
    {
        var (status, _) = await Post("/v1/workflows", new
        {
            workflow_id = "undone",
            stages = new object[]
            {
                new { task_type = "row.echo", compensate = new { task_type = "simple.greet", map = new { }, timeout_s = 1 } },
                new { task_type = "row.echo", map = new { }, not_before = In(1.6) },
                new { task_type = "test.work", map = new { }, parameters = new { mode = "fail" }, timeout_s = 30 },
            },
        });
        Assert.Equal(HttpStatusCode.Accepted, status);

        var undo = await Ended("undone:1:undo");

        Assert.Equal("completed", Text(undo, "state"));
        Assert.True(undo.GetProperty("deadline").GetDateTimeOffset() > (await Task("undone:3")).GetProperty("ended_at").GetDateTimeOffset(), undo.ToString());
    }
}

using System.Net.Http.Json;
using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>Requirements 21 and 81: an agent splits its work over others, and processes are killed in the middle of it.</summary>
[Trait("Requirement", "21")]
[Trait("Requirement", "81")]
public sealed class FamilyTests(FamilyTests.Company company) : IClassFixture<FamilyTests.Company>, IAsyncLifetime
{
    private const int Parts = 8;
    private const string Specialist = "analyst";

    private bool specialistIsDead;

    private RunningSystem System => company.System;

    public Task InitializeAsync() => Task.CompletedTask;

    // A test that failed halfway must not take the others with it.
    public Task DisposeAsync() => specialistIsDead ? Return() : Task.CompletedTask;

    [Fact]
    public async Task A_survey_whose_coordinator_is_killed_ends_once_with_the_parts_of_before()
    {
        var alone = await System.Ended(await System.SubmitId(new { task_type = "data.analysis", parameters = new { dataset_path = "wide.csv" } }));
        var id = await Waiting();
        var before = await Children(id);
        var first = (await System.Get("/v1/tasks/" + id)).Text("agent_id");

        await System.Kill(first);
        _ = await System.Until(id, task => task.Whole("attempt") == 2 && task.Text("state") == "running", "is tried again");
        await Return();
        var survey = await System.Ended(id);

        Assert.Equal("completed", survey.Text("state"));
        Assert.NotEqual(first, survey.Text("agent_id"));
        _ = Assert.Single(await System.History(id), Json.IsEnd);
        // To the digit what one agent finds by itself, and nobody was asked twice.
        Assert.Equal(alone.GetProperty("result").GetProperty("columns").GetRawText(), survey.GetProperty("result").GetProperty("columns").GetRawText());
        var after = await Children(id);
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.All(after.Values, state => Assert.Equal("completed", state));
        Assert.Equal(after.Keys.Order(), survey.GetProperty("result").GetProperty("parts").EnumerateArray().Select(part => part.Text("task_id")).Order());
        await System.StartAgain(first);
        await System.AgentsAreOnline();
        await System.EveryTaskEndedOnce(after.Keys.Append(id).ToDictionary(each => each, _ => "completed"));
    }

    [Fact]
    public async Task A_cancel_reaches_every_child_although_the_scheduler_is_killed()
    {
        var id = await Waiting();

        using var answer = await System.Http.PostAsJsonAsync($"/v1/tasks/{id}/cancel", new { reason = "not needed" });
        await System.Kill("Scheduler");
        await System.StartAgain("Scheduler");

        Assert.Equal("cancelled", (await System.Ended(id)).Text("state"));
        var tree = await Eventually.Seen(
            cancel => System.Get($"/v1/tasks/{id}/tree", cancel), seen => seen.GetProperty("progress").GetDouble() >= 1, "all have ended",
            seen => seen + System.Tails(), TimeSpan.FromSeconds(60));
        Assert.Equal($$"""{"cancelled":{{Parts + 1}}}""", tree.GetProperty("counts").GetRawText());
        foreach (var child in (await Children(id)).Keys)
        {
            var commands = (await System.Get($"/v1/tasks/{child}/commands")).GetProperty("commands").EnumerateArray().ToList();
            Assert.StartsWith("cascade-", Assert.Single(commands).Text("command_id"), StringComparison.Ordinal);
        }

        await Return();
        await System.AgentsAreOnline();
        await System.NothingIsLeft();
    }

    [Fact]
    public async Task Children_that_are_spared_go_on()
    {
        var id = await Waiting();

        using var answer = await System.Http.PostAsJsonAsync($"/v1/tasks/{id}/cancel", new { cascade = false });
        Assert.Equal("cancelled", (await System.Ended(id)).Text("state"));
        await Return();

        var children = (await Children(id)).Keys;
        foreach (var child in children) { Assert.Equal("completed", (await System.Ended(child)).Text("state")); }
        using var late = await System.Http.PostAsJsonAsync("/v1/tasks", new
        {
            task_type = "data.analysis",
            parent_task_id = id,
            parameters = new { dataset_path = "wide.csv" },
        });
        Assert.Equal(409, (int)late.StatusCode);
        await System.AgentsAreOnline();
        await System.NothingIsLeft();
    }

    // A survey whose parts are handed in, while there is nobody who could do them.
    private async Task<string> Waiting()
    {
        specialistIsDead = true;
        await System.Kill(Specialist);
        var id = await System.SubmitId(new { task_type = "data.survey", parameters = new { dataset_path = "wide.csv", parts = Parts } });
        _ = await Eventually.Seen(_ => Children(id), seen => seen.Count == Parts && seen.Values.All(state => state is "queued" or "offered"),
            "all parts wait", seen => string.Join(' ', seen) + System.Tails(), TimeSpan.FromSeconds(60));
        return id;
    }

    private async Task Return()
    {
        await System.StartAgain(Specialist);
        specialistIsDead = false;
    }

    private async Task<Dictionary<string, string>> Children(string id) =>
        (await System.Get($"/v1/tasks?limit=200&parent_task_id={id}")).GetProperty("tasks").EnumerateArray()
            .ToDictionary(task => task.Text("task_id"), task => task.Text("state"));

    /// <summary>Two that coordinate, one that does the work, and a file with more columns than parts.</summary>
    public sealed class Company : IAsyncLifetime
    {
        public RunningSystem System { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            System = await RunningSystem.Start(new SystemPlan
            {
                Agents = [new("Coordinator", "boss-a"), new("Coordinator", "boss-b"), new("DataAnalysis", Specialist)],
                Lease = TimeSpan.FromSeconds(6),
            });
            var header = string.Join(',', Enumerable.Range(0, 12).Select(column => $"c{column}"));
            var rows = Enumerable.Range(1, 5000).Select(row => string.Join(',', Enumerable.Range(0, 12).Select(column =>
                column % 3 == 0 ? $"name {row % (column + 7)}" : $"{row * (column + 1) % 997}.{column}")));
            await File.WriteAllLinesAsync(Path.Combine(System.Data, "wide.csv"), [header, .. rows]);
        }

        public async Task DisposeAsync() => await System.DisposeAsync();
    }
}

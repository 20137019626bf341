using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>Requirements 19, 20, 22 and 93 with every part a process of its own: work that stops, goes on elsewhere, and is not done twice.</summary>
[Trait("Requirement", "19")]
[Trait("Requirement", "20")]
[Trait("Requirement", "22")]
[Trait("Requirement", "93")]
public sealed class PauseTests(Studio studio) : StudioTests(studio)
{
    private const int Rows = 480;

    [Fact]
    public async Task A_paused_picture_goes_on_from_its_checkpoint_and_what_was_commanded_survives_the_Gateway()
    {
        var whole = (await System.Ended(await System.SubmitId(Caller.Picture(Rows)))).GetProperty("result");
        var id = await System.SubmitId(Caller.Picture(Rows));
        _ = await System.Until(id, task => task.GetProperty("progress").GetDouble() > 0.1, "is underway");

        var paused = await System.Give(id, "pause", new { command_id = "pause-" + id, reason = "lunch" });
        Assert.Equal(("applied", "paused"), (paused.Text("status"), (await System.Until(id, "paused")).Text("state")));
        await System.NothingIsLeft();
        await System.Kill("Gateway");
        await System.StartAgain("Gateway");
        Assert.Equal("applied", (await System.Get("/v1/commands/pause-" + id)).Text("status"));
        Assert.Equal("applied", (await System.Give(id, "resume", new { })).Text("status"));
        var task = await System.Ended(id);

        Assert.Equal(("completed", 2), (task.Text("state"), task.Whole("attempt")));
        Assert.Equal(whole.Text("sha256"), task.GetProperty("result").Text("sha256"));
        var token = (await System.Get($"/v1/tasks/{id}/partials")).GetProperty("partials").EnumerateArray()
            .Last(partial => partial.Whole("attempt") == 1).Text("resume_token");
        var row = JsonSerializer.Deserialize<JsonElement>(token).Whole("row");
        Assert.True(row >= 16, token);
        Assert.True(FirstRow(await System.History(id), attempt: 2) > row, "the second attempt began where the first one stopped");
        Assert.Contains(await System.History(id), change => change.TryGetProperty("command_id", out var by) && by.GetString() == "pause-" + id);
    }

    [Fact]
    public async Task The_attempt_after_a_killed_agent_starts_from_its_last_checkpoint()
    {
        var id = await System.SubmitId(Caller.Picture(Rows * 3));
        _ = await Eventually.Seen(
            cancel => System.Get($"/v1/tasks/{id}/partials", cancel), parts => parts.GetProperty("partials").GetArrayLength() > 0,
            "a checkpoint is saved", within: TimeSpan.FromSeconds(60));
        var first = (await System.Get("/v1/tasks/" + id)).Text("agent_id");

        await System.Kill(first);
        var task = await System.Ended(id);
        await System.StartAgain(first);
        await System.AgentsAreOnline();

        Assert.Equal("completed", task.Text("state"));
        Assert.NotEqual(first, task.Text("agent_id"));
        Assert.True(FirstRow(await System.History(id), attempt: 2) > 16, "rows that were saved are not drawn again");
    }

    [Fact]
    public async Task A_pause_that_keeps_its_room_goes_on_in_the_same_attempt()
    {
        var id = await System.SubmitId(Caller.Picture(Rows));
        _ = await System.Until(id, task => task.GetProperty("progress").GetDouble() > 0, "is underway");

        Assert.Equal("applied", (await System.Give(id, "pause", new { release_resources = false })).Text("status"));
        Assert.True((await System.Until(id, "paused")).TryGetProperty("resources", out _), "its room is shown");
        Assert.Equal("applied", (await System.Give(id, "resume", new { })).Text("status"));
        var task = await System.Ended(id);

        Assert.Equal(("completed", 1), (task.Text("state"), task.Whole("attempt")));
        await System.NothingIsLeft();
    }

    // "row 17 of 480": the first that an attempt reports.
    private static int FirstRow(IReadOnlyList<JsonElement> history, int attempt) => history
        .Where(change => change.Whole("attempt") == attempt && change.TryGetProperty("progress_message", out _))
        .Select(change => int.Parse(change.Text("progress_message").Split(' ')[1], global::System.Globalization.CultureInfo.InvariantCulture))
        .First();
}

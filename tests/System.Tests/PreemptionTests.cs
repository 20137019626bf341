using System.Text.Json;

namespace A2A.Micro.System.Tests;

/// <summary>GPUs by name and room that is made for the urgent, with every part a process of its own (requirements 16, 19, 24).</summary>
public sealed class PreemptionTests(Studio studio) : StudioTests(studio)
{
    private const int Rows = 480;

    [Fact]
    public async Task An_urgent_picture_gets_the_GPU_of_one_that_allows_it_which_goes_on_from_its_checkpoint()
    {
        var whole = (await System.Ended(await System.SubmitId(Caller.Picture(Rows)))).GetProperty("result");
        var patient = await System.SubmitId(Drawing(Rows, priority: 1, gpus: Studio.Gpus.Count, preemptible: true));
        var running = await System.Until(patient, task => task.GetProperty("progress").GetDouble() > 0.1, "is underway");
        Assert.Equal(Studio.Gpus, Devices(running));
        Assert.All(await Holders(), holder => Assert.Equal(patient, holder));

        var urgent = await System.SubmitId(Drawing(16, priority: 4, gpus: 1, preemptible: false));
        Assert.Equal("completed", (await System.Ended(urgent)).Text("state"));
        var resumed = await System.Ended(patient);

        Assert.Equal(("completed", 2), (resumed.Text("state"), resumed.Whole("attempt")));
        Assert.Equal(whole.Text("sha256"), resumed.GetProperty("result").Text("sha256"));
        Assert.Contains(await System.History(patient), change => Says(change, "PREEMPTED", urgent));
        Assert.Contains(await System.History(urgent), change => Says(change, "PREEMPTING", patient));
        await System.NothingIsLeft();
        Assert.Equal(0, await System.Database.Read<long>("select count(*) from resource_manager.device_hold"));
    }

    private static object Drawing(int rows, int priority, int gpus, bool preemptible) => new
    {
        task_type = "image.generation",
        priority,
        preemptible,
        responder_agent_id = "painter-a",
        requirements = new { gpu_units = gpus },
        parameters = new { width = 1000, height = rows, center_x = -0.1, scale = 0.1, max_iterations = 10_000 },
    };

    private static bool Says(JsonElement change, string code, string about) =>
        change.TryGetProperty("code", out var said) && said.GetString() == code
        && change.Text("reason").Contains(about, StringComparison.Ordinal);

    private static IEnumerable<string> Devices(JsonElement task) => task.GetProperty("resources").EnumerateArray()
        .Where(resource => resource.Text("kind") == "gpu").Select(resource => resource.Text("device_id"));

    private async Task<IReadOnlyList<string?>> Holders()
    {
        var agents = (await System.Get("/v1/agents/painter-a")).GetProperty("devices");
        return [.. agents.EnumerateArray().Select(device => device.TryGetProperty("task_id", out var task) ? task.GetString() : null)];
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;

namespace A2A.Micro.System.Tests.Crashes;

/// <summary>
/// What submitters do while the system crashes under them: short scenes that together make every kind of message. Whoever gets no answer asks
/// again under the same id.
/// </summary>
internal sealed class Plays(RunningSystem system) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly HttpClient http = new()
    {
        BaseAddress = system.Http.BaseAddress,
        Timeout = TimeSpan.FromSeconds(10),
        DefaultRequestHeaders = { Authorization = system.Http.DefaultRequestHeaders.Authorization },
    };

    private readonly ConcurrentDictionary<string, string> expected = new();

    /// <summary>Every task so far and the state in which it has to end.</summary>
    public IReadOnlyDictionary<string, string> Expected => expected;

    /// <summary>Plays one scene; the ids of its tasks begin with the name.</summary>
    public Task Play(string scene, string name) => scene switch
    {
        "plain" => Many(name, 3),
        "burst" => Many(name, 60),
        "report" => Submit(name, "report"),
        "cancel" => Cancel(name),
        "pause" => PauseAndResume(name),
        "ask" => Ask(name),
        "again" => Submit(name, "again"),
        "line" => StandInLine(name),
        _ => throw new ArgumentOutOfRangeException(nameof(scene), scene, "unknown"),
    };

    public void Dispose() => http.Dispose();

    private Task Many(string name, int count) => Task.WhenAll(Enumerable.Range(1, count).Select(n => Submit($"{name}.{n}", "plain")));

    private async Task Cancel(string id)
    {
        await Submit(id, "wait", "cancelled");
        await Reaches(id, "running");
        await Give(id, "cancel");
    }

    private async Task PauseAndResume(string id)
    {
        await Submit(id, "pause");
        await Reaches(id, "running");
        await Give(id, "pause");
        await Reaches(id, "paused");
        await Give(id, "resume");
    }

    private async Task Ask(string id)
    {
        await Submit(id, "ask");
        await Reaches(id, "input_required");
        await Give(id, "input", new { command_id = "input-" + id, input = "Ada" });
    }

    private async Task StandInLine(string id)
    {
        await Submit(id, "plain", "cancelled", "test.nobody");
        await Reaches(id, "queued");
        await Insist(() => http.PatchAsJsonAsync($"/v1/tasks/{id}", new { command_id = "amend-" + id, priority = 4 }), "amend " + id);
        await Give(id, "hold");
        await Reaches(id, "blocked");
        await Give(id, "release");
        await Reaches(id, "queued");
        await Give(id, "cancel");
    }

    private Task Submit(string id, string mode, string end = "completed", string type = CountingAgent.TaskType)
    {
        expected[id] = end;
        var body = new { task_id = id, task_type = type, parameters = new { mode } };
        return Insist(() => http.PostAsJsonAsync("/v1/tasks", body), "submit " + id);
    }

    private Task Give(string id, string verb, object? body = null) =>
        Insist(() => http.PostAsJsonAsync($"/v1/tasks/{id}/{verb}", body ?? new { command_id = $"{verb}-{id}" }), $"{verb} {id}");

    private async Task Insist(Func<Task<HttpResponseMessage>> ask, string what)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            var seen = "no answer";
            try
            {
                using var answer = await ask();
                if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted) { return; }
                seen = $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
                if (answer.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests))
                {
                    throw new EventuallyException($"{what}: {seen}{system.Tails()}", null);
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
            {
                // Not being answered is no answer.
            }

            if (TimeProvider.System.GetUtcNow() > until) { throw new EventuallyException($"{what}: {seen}{system.Tails()}", null); }
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private Task Reaches(string id, string state) => Eventually.Seen(
        cancel => system.Get("/v1/tasks/" + id, cancel), task => task.Text("state") == state || task.Ended(), $"{id} is {state}",
        task => task + system.Tails(), Patience);
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Security.Tests;

/// <summary>What is said about a task with secrets while it runs: answers, places to go on from, parts of the result, children.</summary>
[Trait("Requirement", "43")]
[Trait("Requirement", "60")]
public sealed class SealedDialogueTests(SealedHost host) : IClassFixture<SealedHost>
{
    // Of this test alone: they share a host.
    private readonly string _secret = "hunter2-" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("n");

    private HttpClient Http => host.Http;

    [Fact]
    public async Task A_place_to_go_on_from_is_sealed_and_the_next_attempt_reads_it()
    {
        var id = await Submit("demo.login", new { password = _secret, then = "again" });
        var task = await Ended(id);
        Assert.Equal("completed", task.GetProperty("state").GetString());
        Assert.Equal([$"{_secret} from ", $"{_secret} from at {_secret}"], host.Seen(_secret + " from"));
        var partials = await Http.GetStringAsync($"/v1/tasks/{id}/partials");
        Assert.Contains(TaskRules.SealedTokenMark, partials, StringComparison.Ordinal);
        Assert.Contains("\"sensitive\":true", partials.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain(_secret, partials + task.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("demo.login")]
    [InlineData("demo.plain")]
    public async Task An_answer_that_is_a_secret_is_read_by_the_agent_alone_and_by_its_later_attempts(string type)
    {
        var id = await Submit(type, new { password = "p-1234", then = "ask" });
        _ = await Until(id, "input_required");
        var answer = new { command_id = "c-" + id, input = new { pin = _secret } };
        using var first = await Http.PostAsJsonAsync($"/v1/tasks/{id}/input", answer);
        Assert.True(first.IsSuccessStatusCode, await first.Content.ReadAsStringAsync());
        var task = await Ended(id);
        Assert.Equal("completed", task.GetProperty("state").GetString());
        Assert.Equal(2, host.Seen("pin " + _secret).Count);
        var told = await Http.GetStringAsync($"/v1/tasks/{id}/history") + await Http.GetStringAsync($"/v1/tasks/{id}/commands");
        Assert.DoesNotContain(_secret, told + task.GetRawText(), StringComparison.Ordinal);

        using var same = await Http.PostAsJsonAsync($"/v1/tasks/{id}/input", answer);
        Assert.True(same.IsSuccessStatusCode, await same.Content.ReadAsStringAsync());
        using var other = await Http.PostAsJsonAsync($"/v1/tasks/{id}/input", new { command_id = "c-" + id, input = new { pin = "another" } });
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
    }

    [Fact]
    public async Task An_answer_cannot_speak_for_the_system()
    {
        var id = await Submit("demo.plain", new { then = "ask" });
        _ = await Until(id, "input_required");
        using var forged = await Http.PostAsync($"/v1/tasks/{id}/input",
            new StringContent("""{"input":{"pin":{"$enc":"v1"}}}""", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.Contains("\"#/input/pin\"", await forged.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_child_has_its_secrets_from_its_parent_and_the_parent_those_of_its_result()
    {
        var id = await Submit("demo.login", new { password = _secret, then = "child" });
        var task = await Ended(id);
        Assert.Equal("completed", task.GetProperty("state").GetString());
        Assert.Single(host.Seen("child login of child-" + _secret));
        using var reveal = await Http.GetAsync(new Uri($"/v1/tasks/{id}/result?reveal=true", UriKind.Relative));
        Assert.Contains($"token of child-{_secret} for the parent", await reveal.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var children = await Http.GetStringAsync("/v1/tasks?parent_task_id=" + id);
        Assert.Contains("demo.login", children, StringComparison.Ordinal);
        var child = await Http.GetStringAsync(
            "/v1/tasks/" + JsonElement.Parse(children).GetProperty("tasks")[0].GetProperty("task_id").GetString());
        Assert.DoesNotContain(_secret, child + children + task.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_without_a_key_hands_no_secret_to_a_child()
    {
        var task = await Ended(await Submit("demo.plain", new { then = "child" }));
        Assert.Equal("failed", task.GetProperty("state").GetString());
        Assert.Contains("key of its parent", task.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_over_the_bus_in_clear_text_is_sealed_before_it_is_stored()
    {
        var endpoint = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Tasks));
        await endpoint.Send(new SubmitTask
        {
            TaskId = "bus-1",
            TaskType = "demo.login",
            Parameters = JsonElement.Parse($$"""{"password":"{{_secret}}","then":"child"}"""),
            Sensitive = ["/password"],
            SensitiveResults = ["/token"],
        });
        var task = await Until("bus-1", "completed");
        Assert.Single(host.Seen("child login of child-" + _secret));
        Assert.Equal("""{"sensitive":true}""", task.GetProperty("parameters").GetProperty("password").GetRawText());
        Assert.DoesNotContain(_secret, task.GetRawText(), StringComparison.Ordinal);
    }

    private async Task<string> Submit(string type, object parameters)
    {
        var retry = new { max_attempts = 2, initial_backoff_s = 0.1 };
        using var reply = await Http.PostAsJsonAsync("/v1/tasks", new { task_type = type, parameters, retry });
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, text);
        return JsonElement.Parse(text).GetProperty("task_id").GetString()!;
    }

    private Task<JsonElement> Ended(string id) => Until(id, "completed", "failed");

    private async Task<JsonElement> Until(string id, params string[] states) => await Eventually.Seen(
        async cancel =>
        {
            using var reply = await Http.GetAsync(new Uri("/v1/tasks/" + id, UriKind.Relative), cancel);
            return JsonElement.Parse(await reply.Content.ReadAsStringAsync(cancel));
        },
        seen => seen.TryGetProperty("state", out var state) && states.Contains(state.GetString()), string.Join(" or ", states),
        within: TimeSpan.FromMinutes(2));
}

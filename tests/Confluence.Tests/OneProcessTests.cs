using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using A2A.Micro.AgentSdk;

namespace A2A.Micro.Confluence.Tests;

/// <summary>What a submitter and an agent see of each other over HTTP, with everything in this process.</summary>
[Trait("Requirement", "94")]
public sealed class OneProcessTests(OneProcessTests.Shared shared) : IClassFixture<OneProcessTests.Shared>
{
    private readonly SmallWorld world = shared.World;

    [Fact]
    [Trait("Requirement", "94")]
    public async Task A_second_attempt_is_told_its_number_and_why_the_first_one_failed()
    {
        await Submit(new { task_id = "told", task_type = "test.tell", parameters = new { succeeds_at = 2 }, metadata = new { order = 7 } });

        var task = await Ended("told");

        Assert.Equal("completed", Text(task, "state"));
        var result = task.GetProperty("result");
        Assert.Equal((2, 7, 2), (result.GetProperty("attempt").GetInt32(), result.GetProperty("metadata").GetProperty("order").GetInt32(),
            result.GetProperty("metadata").GetProperty("a2a.attempt").GetInt32()));
        Assert.Contains("NOT_YET", Assert.Single(result.GetProperty("errors").EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"order":7}""", task.GetProperty("metadata").GetRawText());
    }

    [Fact]
    [Trait("Requirement", "94")]
    [Trait("Requirement", "95")]
    public async Task Nobody_else_writes_the_systems_part_of_the_metadata()
    {
        using var refused = await world.Http.PostAsJsonAsync("/v1/tasks",
            new { task_type = "test.tell", metadata = new Dictionary<string, object> { ["a2a.attempt"] = 9 } });

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("MSG001", "#/metadata"), (Text(problem, "code"), Text(problem.GetProperty("errors")[0], "pointer")));
    }

    [Fact]
    [Trait("Requirement", "18")]
    public async Task A_task_goes_in_and_comes_back_in_the_task_guides_words()
    {
        using var accepted = await world.Http.PostAsJsonAsync("/v1/messages", new
        {
            message_type = "TaskMessage",
            payload = new
            {
                task_id = "task_tell_1710000000",
                task_type = "test.tell",
                parameters = new { succeeds_at = 1 },
                requester_agent_id = "agent_requester",
                priority = "HIGH",
                created_at = "2024-03-21T15:00:00Z",
            },
        });
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);

        var task = await Ended("task_tell_1710000000");

        Assert.Equal(("completed", "agent_requester", "high", "teller"),
            (Text(task, "state"), Text(task, "requester_agent_id"), Text(task, "priority_name"), Text(task, "agent_id")));
    }

    [Fact]
    [Trait("Requirement", "80")]
    public async Task A_pipeline_that_fails_is_undone_in_reverse_order_with_what_its_stages_came_to()
    {
        object undo = new { task_type = "test.tell", map = new Dictionary<string, string> { ["/attempt"] = "/succeeds_at" } };
        using var accepted = await world.Http.PostAsJsonAsync("/v1/workflows", new
        {
            workflow_id = "trip",
            stages = new object[]
            {
                new { name = "flight", task_type = "test.tell", compensate = undo },
                new { name = "hotel", task_type = "test.tell", map = new { }, compensate = undo },
                new { name = "pay", task_type = "test.tell", map = new { }, parameters = new { succeeds_at = 99 }, retry = new { max_attempts = 1 } },
                new { name = "print", task_type = "test.tell", map = new { } },
            },
        });
        Assert.True(accepted.IsSuccessStatusCode, await accepted.Content.ReadAsStringAsync());

        var (flight, hotel) = (await Ended("trip:1:undo"), await Ended("trip:2:undo"));

        var trip = await world.Get("/v1/workflows/trip", CancellationToken.None);
        Assert.Equal(("failed", "pay"), (Text(trip, "state"), Text(trip, "current_stage")));
        Assert.Equal(["completed", "completed", "failed", "failed"], trip.GetProperty("stages").EnumerateArray().Select(stage => Text(stage, "state")));
        Assert.Equal(("completed", "completed"), (Text(flight, "state"), Text(hotel, "state")));
        Assert.True(flight.GetProperty("started_at").GetDateTimeOffset() >= hotel.GetProperty("ended_at").GetDateTimeOffset(), $"{flight}\n{hotel}");
    }

    [Fact]
    [Trait("Requirement", "80")]
    public async Task A_pipeline_that_succeeds_has_nothing_undone()
    {
        using var accepted = await world.Http.PostAsJsonAsync("/v1/workflows?wait=20", new
        {
            workflow_id = "stay",
            stages = new object[]
            {
                new { task_type = "test.tell", compensate = new { task_type = "test.tell" } },
                new { task_type = "test.tell", map = new { } },
            },
        });

        var stay = await accepted.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(("completed", "cancelled"), (Text(stay, "state"), Text(stay.GetProperty("stages")[0].GetProperty("compensation"), "state")));
    }

    [Fact]
    [Trait("Requirement", "70")]
    public async Task What_is_too_large_to_travel_goes_in_and_comes_back_through_a_parent_and_its_child()
    {
        await Submit(new { task_id = "bulky", task_type = "test.relay", parameters = new { text = new string('x', 2_000_000) } });

        var (task, child) = (await Ended("bulky"), await Ended(Children.IdOf("bulky", "part")));

        Assert.Equal("completed", Text(task, "state"));
        Assert.All((JsonElement[])[task, child], one => Assert.Equal((2_000_000, 2_000_000), (Length(one, "parameters"), Length(one, "result"))));
        static int Length(JsonElement task, string member) => task.GetProperty(member).GetProperty("text").GetString()!.Length;
    }

    private static async Task<Bulky> Relay(Bulky bulky, TaskContext context) =>
        await (await context.Children.Submit("part", "test.echo", bulky)).Result<Bulky>();

    private static Task<Told> Tell(Order order, TaskContext context) => context.Attempt < order.SucceedsAt
        ? throw new TaskFailedException("NOT_YET", $"it succeeds at attempt {order.SucceedsAt}", retryable: true)
        : Task.FromResult(new Told(context.Attempt, context.EarlierErrors, context.Metadata));

    private async Task Submit(object task)
    {
        using var accepted = await world.Http.PostAsJsonAsync("/v1/tasks", task);
        Assert.True(accepted.IsSuccessStatusCode, await accepted.Content.ReadAsStringAsync());
    }

    private Task<JsonElement> Ended(string id) => Eventually.Seen(
        cancel => world.Get("/v1/tasks/" + id, cancel),
        task => Text(task, "state") is "completed" or "failed" or "cancelled" or "rejected" or "expired", $"{id} has ended", task => task.ToString());

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var member) ? member.ToString() : "";

    private sealed record Bulky(string Text);

    private sealed record Order(int SucceedsAt = 1);

    private sealed record Told(int Attempt, IReadOnlyList<string> Errors, JsonElement? Metadata);

    /// <summary>A world with an agent that tells what it was told.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal SmallWorld World { get; private set; } = null!;

        public async Task InitializeAsync() => World = await SmallWorld.Start(null, null, new AgentModule("teller", agent => agent
            .Slots(4).Capacity(4, 4).Handle<Order, Told>("test.tell", Tell)
            .Handle<Bulky, Bulky>("test.relay", Relay).Handle<Bulky, Bulky>("test.echo", (bulky, _) => Task.FromResult(bulky))));

        public async Task DisposeAsync() => await World.DisposeAsync();
    }
}

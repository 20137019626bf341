using System.Text;
using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Gateway.DeadLetters;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Requirements 39, 49: what nobody could take is found, read, mended, sent again or thrown away over HTTP.</summary>
[Trait("Requirement", "39")]
[Trait("Requirement", "49")]
[Trait("Requirement", "55")]
public sealed class DeadLetterTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start(("Logging:LogLevel:Default", "None"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_message_that_its_consumer_cannot_take_is_listed_with_its_reason_and_arrives_after_a_replay()
    {
        _host.Neighbours.SubmitFails = new InvalidOperationException("the cause is not gone");
        using var accepted = await _host.Post("/v1/tasks", """{"task_id":"poison","task_type":"a"}""");
        var letter = await Parked("?task_id=poison");
        Assert.Equal(("scheduler.tasks", "failed", "task.submit", 1),
            (letter.Text("queue"), letter.Text("cause"), letter.Text("message_type"), letter.Whole("deaths")));
        Assert.Contains("the cause is not gone", letter.Text("reason"), StringComparison.Ordinal);
        var self = letter.GetProperty("links").Text("self")!;
        using var shown = await _host.Get(self);
        Assert.Equal("poison", (await shown.Json()).GetProperty("message").Text("task_id"));

        using var early = await _host.Post(self + "/replay", "");
        Assert.Equal(202, (int)early.StatusCode);
        await Eventually.Seen(async _ => (await (await _host.Get(self)).Json()).Whole("deaths"), deaths => deaths == 2, "it failed again");

        _host.Neighbours.SubmitFails = null;
        using var replay = await _host.Post(self + "/replay", "");
        await Eventually.True(() => _host.Neighbours.Submitted.Any(task => task.TaskId == "poison"), "the task arrives");
        await Eventually.Seen(async _ => (await (await _host.Get(self)).Json()).Text("state"), state => state == "replayed", "it is replayed");
        using var twice = await _host.Post(self + "/replay", "");
        Assert.Equal("replayed", (await twice.Problem(409, "CONFLICT")).Text("state"));
        using var gone = await _host.Post(self + "/discard", "");
        await gone.Problem(409, "CONFLICT");
    }

    [Fact]
    public async Task A_message_is_mended_before_it_is_sent_again_and_only_into_one_that_can_be_read()
    {
        _host.Neighbours.SubmitFails = new InvalidOperationException("no");
        using var accepted = await _host.Post("/v1/tasks", """{"task_id":"mend","task_type":"a","parameters":{"n":1}}""");
        var self = (await Parked("?task_id=mend")).GetProperty("links").Text("self")!;
        _host.Neighbours.SubmitFails = null;

        using var wrong = await _host.Post(self + "/replay", """{"message":{"task_id":7,"task_type":"a"}}""");
        Assert.Equal(["#/message/task_id"], (await wrong.Problem(400, "MSG001")).Pointers());
        using var misspelt = await _host.Post(self + "/replay", """{"massage":{}}""");
        Assert.Equal(["#/massage"], (await misspelt.Problem(400, "MSG001")).Pointers());
        Assert.Empty(_host.Neighbours.Submitted);

        using var right = await _host.Post(
            self + "/replay", """{"message":{"task_id":"mend","task_type":"a","priority":2,"parameters":{"n":2.50}}}""");
        Assert.True((await right.Json()).GetProperty("edited").GetBoolean());
        await Eventually.True(() => _host.Neighbours.Submitted.Any(task => task.TaskId == "mend"), "the mended task arrives");
        Assert.Equal("""{"n":2.50}""", _host.Neighbours.Submitted.Single().Parameters?.GetRawText());
    }

    [Fact]
    public async Task Garbage_is_kept_byte_by_byte_and_can_be_thrown_away()
    {
        var store = _host.Services.GetRequiredService<IDeadLetterStore>();
        byte[] body = [0xff, 0x00, .. "not a message"u8];
        var headers = new Dictionary<string, string> { ["MT-Fault-Message"] = "a\0b\ud800" };
        var letter = DeadLetterRules.Read("scheduler.tasks", LetterCause.Skipped, body, "text/plain", headers, DateTimeOffset.UnixEpoch);
        await store.Keep(letter, default);
        using var shown = await _host.Get("/v1/dead-letters/" + letter.LetterId);
        var view = await shown.Json();
        Assert.Equal((Convert.ToBase64String(body), "a?b?", "skipped"), (view.Text("body_base64"), view.Text("reason"), view.Text("cause")));
        using var mended = await _host.Post($"/v1/dead-letters/{letter.LetterId}/replay", """{"message":{}}""");
        Assert.Equal(["#/message"], (await mended.Problem(400, "MSG001")).Pointers());
        using var first = await _host.Post($"/v1/dead-letters/{letter.LetterId}/discard", "");
        using var second = await _host.Post($"/v1/dead-letters/{letter.LetterId}/discard", "");
        Assert.Equal(("discarded", 200), ((await first.Json()).Text("state"), (int)second.StatusCode));
    }

    [Fact]
    [Trait("Requirement", "64")]
    public async Task A_letter_that_came_compressed_is_read_and_mended_like_any_other()
    {
        var body = Gzip.Pack("{\"messageId\":\"01a2\",\"messageType\":[\"a2a:task.submit\"],\"message\":{\"task_id\":\"packed\",\"task_type\":7}}"u8);
        var letter = DeadLetterRules.Read("scheduler.tasks", LetterCause.Failed, body, null, new Dictionary<string, string>(), DateTimeOffset.UnixEpoch);
        Assert.Equal(("task.submit", "packed"), (letter.MessageType, letter.TaskId));
        await _host.Services.GetRequiredService<IDeadLetterStore>().Keep(letter, default);
        using var shown = await _host.Get("/v1/dead-letters/" + letter.LetterId);
        Assert.Equal(7, (await shown.Json()).GetProperty("message").Whole("task_type"));
        using var mended = await _host.Post($"/v1/dead-letters/{letter.LetterId}/replay", """{"message":{"task_id":"packed","task_type":"a","priority":2}}""");
        Assert.Equal(202, (int)mended.StatusCode);
        await Eventually.True(() => _host.Neighbours.Submitted.Any(task => task.TaskId == "packed"), "the mended task arrives");
    }

    [Theory]
    [Trait("Requirement", "45")]
    [InlineData("""{"task_id":7,"task_type":"a"}""", "MSG001", "#/task_id", "a text is expected")]
    [InlineData("""{"task_type":"a"}""", "MSG001", "#/task_id", "it is required, and it is not there")]
    [InlineData("""{"task_id":null,"task_type":"a"}""", "MSG001", "#/task_id", "a value is required, and null is none")]
    [InlineData("""{"task_id":"t","task_type":"a","deadline":"soon"}""", "MSG001", "#/deadline", "expected an RFC 3339 time")]
    [InlineData("""{"task_id":"t","task_type":"a","requirements":{"cpu_cores":"four"}}""", "MSG001", "#/requirements/cpu_cores", "a number is expected")]
    [InlineData("null", "MSG002", null, "there is no envelope with a message")]
    public async Task A_message_that_does_not_fit_is_parked_with_code_and_field(string message, string code, string? pointer, string sentence)
    {
        await Say($$"""{"messageType":["a2a:task.submit"],"message":{{message}}}""");
        var letter = await Parked("");
        Assert.Equal((code, pointer), (letter.Text("code"), letter.Text("pointer")));
        Assert.Contains(sentence, letter.Text("reason"), StringComparison.Ordinal);
        Assert.Empty(_host.Neighbours.Submitted);
    }

    [Fact]
    [Trait("Requirement", "45")]
    public async Task The_letter_of_a_message_names_every_field_that_does_not_fit()
    {
        await Say("""{"messageType":["a2a:task.submit"],"message":{"task_id":7,"task_type":"a","priority":{},"requirements":{"cpu_cores":"four"}}}""");
        var letter = await Parked("");
        Assert.False(letter.TryGetProperty("errors", out _));
        using var shown = await _host.Get(letter.GetProperty("links").Text("self")!);
        Assert.Equal(["#/priority", "#/requirements/cpu_cores", "#/task_id"], (await shown.Json()).Pointers().Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Requirement", "46")]
    public async Task A_bare_message_is_told_by_its_header_and_held_to_the_same_schema()
    {
        await Say("""{"task_id":"bare","task_type":"a"}""", "task.submit");
        await Eventually.True(() => _host.Neighbours.Submitted.Any(task => task.TaskId == "bare"), "it arrives");
        await Say("""{"task_id":[],"task_type":"a"}""", "task.submit");
        Assert.Equal("#/task_id", (await Parked("")).Text("pointer"));
    }

    [Theory]
    [InlineData("MSG001 #/a~1b:c: it is required", "MSG001", "#/a~1b:c")]
    [InlineData("MSG002 Failed to deserialize the message: json", "MSG002", null)]
    [InlineData("SECURITY_ERROR the sender is not known", "SECURITY_ERROR", null)]
    [InlineData("ODD001 #/a: nobody knows this code", null, null)]
    [InlineData("the cause is not gone", null, null)]
    [InlineData(null, null, null)]
    public void A_reason_that_says_code_and_field_is_read(string? reason, string? code, string? pointer) =>
        Assert.Equal((code, pointer), DeadLetterRules.FaultOf(reason));

    [Fact]
    public async Task Many_are_replayed_so_many_a_second()
    {
        var store = _host.Services.GetRequiredService<IDeadLetterStore>();
        for (var i = 0; i < 30; i++) { await store.Keep(Submission($"many-{i:d2}"), default); }
        using var dry = await _host.Post("/v1/dead-letters:replay", """{"filter":{"message_type":"task.submit"},"dry_run":true,"limit":7}""");
        var plan = await dry.Json();
        Assert.Equal((200, 7, true, true),
            ((int)dry.StatusCode, plan.Whole("matched"), plan.GetProperty("more").GetBoolean(), plan.GetProperty("dry_run").GetBoolean()));

        using var reply = await _host.Post("/v1/dead-letters:replay", """{"filter":{},"rate":1}""");
        Assert.Equal((202, 30), ((int)reply.StatusCode, (await reply.Json()).Whole("matched")));
        await Eventually.True(() => !_host.Neighbours.Submitted.IsEmpty, "the first one arrives");
        // Thirty seconds of work: whatever this machine is doing, most of it is still to come.
        Assert.InRange(_host.Neighbours.Submitted.Count, 1, 20);
        using var waiting = await _host.Get("/v1/dead-letters?state=waiting&limit=200");
        var ids = (await waiting.Json()).GetProperty("letters").EnumerateArray().Select(letter => letter.Text("letter_id")).ToList();
        using var stopped = await _host.Post("/v1/dead-letters:discard", JsonSerializer.Serialize(new { letter_ids = ids }));
        Assert.Equal(200, (int)stopped.StatusCode);
        using var left = await _host.Get("/v1/dead-letters?state=waiting");
        Assert.Equal(0, (await left.Json()).GetProperty("letters").GetArrayLength());
    }

    [Fact]
    public async Task A_page_names_the_next_one_and_counts_what_there_is()
    {
        var store = _host.Services.GetRequiredService<IDeadLetterStore>();
        for (var i = 0; i < 3; i++) { await store.Keep(Submission($"page-{i}") with { ParkedAt = DateTimeOffset.UnixEpoch.AddSeconds(i) }, default); }
        using var first = await _host.Get("/v1/dead-letters?limit=2");
        var page = await first.Json();
        Assert.Equal(["page-2", "page-1"], page.GetProperty("letters").EnumerateArray().Select(letter => letter.Text("task_id")));
        Assert.Equal(3, page.GetProperty("counts")[0].Whole("count"));
        var next = first.Headers.GetValues("Link").Single().Split('<', '>')[1];
        using var second = await _host.Get(next);
        Assert.Equal(["page-0"], (await second.Json()).GetProperty("letters").EnumerateArray().Select(letter => letter.Text("task_id")));
    }

    [Theory]
    [InlineData("GET", "/v1/dead-letters?state=odd", "", "#/query/state")]
    [InlineData("GET", "/v1/dead-letters?limit=0", "", "#/query/limit")]
    [InlineData("GET", "/v1/dead-letters?cursor=x", "", "#/query/cursor")]
    [InlineData("GET", "/v1/dead-letters?task_id=a%20b", "", "#/query/task_id")]
    [InlineData("GET", "/v1/dead-letters/tasks?status=running", "", "#/query/status")]
    [InlineData("POST", "/v1/dead-letters:replay", "{}", "#")]
    [InlineData("POST", "/v1/dead-letters:replay", """{"filter":{},"rate":0}""", "#/rate")]
    [InlineData("POST", "/v1/dead-letters:replay", """{"filter":{"queu":"x"}}""", "#/filter/queu")]
    [InlineData("POST", "/v1/dead-letters:discard", """{"letter_ids":[]}""", "#/letter_ids")]
    [InlineData("POST", "/v1/dead-letters:discard", """{"filter":{},"rate":1}""", "#/rate")]
    public async Task What_is_wrong_is_named(string method, string path, string body, string pointer)
    {
        using var content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var reply = await _host.Send(new HttpMethod(method), path, content);
        Assert.Equal([pointer], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Theory]
    [InlineData("GET", "/v1/dead-letters/letter-x")]
    [InlineData("POST", "/v1/dead-letters/letter-x/replay")]
    [InlineData("POST", "/v1/dead-letters/letter-x/discard")]
    public async Task A_letter_that_is_not_there_is_a_problem(string method, string path)
    {
        using var reply = await _host.Send(new HttpMethod(method), path, null);
        await reply.Problem(404, "NOT_FOUND");
    }

    [Fact]
    public async Task Dead_tasks_are_those_that_did_not_succeed()
    {
        using var reply = await _host.Get("/v1/dead-letters/tasks?type=data.*");
        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Equal([TaskState.Failed, TaskState.Rejected, TaskState.Expired], _host.Neighbours.LastFilter!.States);
        Assert.Equal("data.*", _host.Neighbours.LastFilter.TaskType);
    }

    private async Task Say(string body, string? type = null)
    {
        var endpoint = await _host.Services.GetRequiredService<IBus>().GetSendEndpoint(Endpoints.Address(Endpoints.Tasks));
        await endpoint.Send(new SubmitTask { TaskId = "t", TaskType = "a" }, context =>
        {
            context.Serializer = new CopyBodySerializer(
                SystemTextJsonMessageSerializer.JsonContentType, new BytesMessageBody(Encoding.UTF8.GetBytes(body)));
            if (type is not null) { context.Headers.Set("message_type", type); }
        });
    }

    private Task<JsonElement> Parked(string query) => Eventually.Seen(
        async _ => (await (await _host.Get("/v1/dead-letters" + query)).Json()).GetProperty("letters").EnumerateArray().FirstOrDefault(),
        letter => letter.ValueKind == JsonValueKind.Object, "a dead letter");

    internal static DeadLetterRow Submission(string taskId)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            messageId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
            messageType = new[] { "a2a:task.submit" },
            message = new { task_id = taskId, task_type = "a", priority = 2 },
        });
        return DeadLetterRules.Read(Endpoints.Tasks, LetterCause.Failed, body, "application/vnd.masstransit+json", new Dictionary<string, string>(),
            DateTimeOffset.UnixEpoch);
    }
}

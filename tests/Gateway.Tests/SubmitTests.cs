using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Gateway.Tests;

[Trait("Requirement", "5")]
[Trait("Requirement", "6")]
[Trait("Requirement", "9")]
[Trait("Requirement", "45")]
[Trait("Requirement", "50")]
[Trait("Requirement", "54")]
[Trait("Requirement", "70")]
public sealed class SubmitTests : IAsyncLifetime
{
    // The submission example of the protocol guide, with the deadline moved to the future.
    internal const string SeedExample =
        """
        {
          "task_id": "task-123e4567-e89b",
          "type": "data_processing",
          "priority": 1,
          "deadline": "2999-03-21T15:00:00Z",
          "requirements": {
            "cpu_cores": 4,
            "memory_gb": 16.0,
            "storage_gb": 100.0
          },
          "dependencies": [],
          "metadata": {
            "source": "user_request",
            "batch_id": "batch-789"
          }
        }
        """;

    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_example_of_the_protocol_guide_is_accepted_verbatim()
    {
        using var reply = await _host.Post("/v1/tasks", SeedExample);

        Assert.Equal(202, (int)reply.StatusCode);
        Assert.Equal("/v1/tasks/task-123e4567-e89b", reply.Headers.Location?.OriginalString);
        Assert.Equal("1", reply.Headers.GetValues("Retry-After").Single());
        Assert.Equal("</v1/tasks/task-123e4567-e89b/events>; rel=\"monitor\"", reply.Headers.GetValues("Link").Single());
        Assert.Equal("1.0.0", reply.Headers.GetValues("A2A-Protocol-Version").Single());
        var receipt = await reply.Json();
        Assert.Equal("task-123e4567-e89b", receipt.GetProperty("task_id").GetString());
        Assert.Equal("submitted", receipt.GetProperty("state").GetString());
        Assert.Equal("/v1/tasks/task-123e4567-e89b/cancel", receipt.GetProperty("links").GetProperty("cancel").GetString());
        Assert.Matches("^[0-9a-f]{32}$", receipt.GetProperty("trace_id").GetString());

        await Eventually.True(() => !_host.Neighbours.Submitted.IsEmpty, "the Scheduler hears of it");
        var command = _host.Neighbours.Submitted.Single();
        Assert.Equal(("data_processing", 1), (command.TaskType, command.Priority));
        Assert.Equal(new Requirements { CpuCores = 4, MemoryGb = 16, StorageGb = 100 }, command.Requirements);
        Assert.Equal("batch-789", command.Metadata!.Value.GetProperty("batch_id").GetString());
        Assert.Equal(TaskMode.Routed, command.Mode);
    }

    [Fact]
    public async Task What_was_sent_reads_back_before_anybody_has_heard_of_the_task()
    {
        using var accepted = await _host.Post("/v1/tasks", SeedExample);
        using var reply = await _host.Get("/v1/tasks/task-123e4567-e89b");

        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Equal("\"0\"", reply.Headers.ETag?.Tag);
        var task = await reply.Json();
        Assert.Equal("submitted", task.GetProperty("state").GetString());
        Assert.Equal("validating", task.GetProperty("phase").GetString());
        Assert.Equal("VALIDATING", task.GetProperty("waiting").GetProperty("code").GetString());
        Assert.Equal("data_processing", task.GetProperty("task_type").GetString());
        Assert.Equal("low", task.GetProperty("priority_name").GetString());
        Assert.Equal("2999-03-21T15:00:00.000Z", task.GetProperty("deadline").GetString());
        Assert.Equal(16, task.GetProperty("requirements").GetProperty("memory_gb").GetDouble());
        Assert.Equal((await accepted.Json()).GetProperty("trace_id").GetString(), task.GetProperty("trace_id").GetString());
        Assert.False(task.TryGetProperty("type", out _));
    }

    [Fact]
    public async Task A_task_without_an_id_gets_a_sortable_one()
    {
        using var reply = await _host.Post("/v1/tasks", """{"task_type":"data.analysis"}""");
        var id = (await reply.Json()).GetProperty("task_id").GetString()!;

        Assert.StartsWith("task-", id, StringComparison.Ordinal);
        Assert.Equal(7, Guid.Parse(id["task-".Length..]).Version);
    }

    [Theory]
    [InlineData("3", 3)]
    [InlineData("0", 2)]
    [InlineData("4.0", 4)]
    [InlineData("\"high\"", 3)]
    [InlineData("\"HIGH\"", 3)]
    [InlineData("\"PRIORITY_HIGH\"", 3)]
    [InlineData("\"critical\"", 4)]
    [InlineData("null", 2)]
    public async Task Priority_is_a_number_or_a_name(string priority, int expected)
    {
        using var reply = await _host.Post("/v1/tasks", $$"""{"task_type":"a.b","priority":{{priority}}}""");
        Assert.Equal(202, (int)reply.StatusCode);
        await Eventually.True(() => !_host.Neighbours.Submitted.IsEmpty, "the Scheduler hears of it");
        Assert.Equal(expected, _host.Neighbours.Submitted.Single().Priority);
    }

    [Fact]
    public async Task The_native_form_with_every_member_arrives_complete()
    {
        using var reply = await _host.Post("/v1/tasks", """
            {"task_type":"data.analysis","parameters":{"n":[1,2.50,null,"é"],"deep":{"x":true}},"requester_agent_id":"alice",
             "responder_agent_id":"agent-1","mode":"direct","retry":{"max_attempts":5,"initial_backoff_s":0.5,"max_backoff_s":10},
             "requirements":{"cpu_cores":0.5,"gpu_units":1},"created_at":"2020-01-01T00:00:00+02:00","schema_version":"1.0",
             "metadata":{"workflow_id":"w"},"strategy":"pack","on_infeasible":"wait","preemptible":true,
             "constraints":[{"label":"zone","op":"in","values":["eu","us"]},{"label":"gpu.model","op":"exists"}],
             "preferences":[{"label":"a2a.version","op":"eq","value":"2","weight":7}]}
            """);
        Assert.Equal(202, (int)reply.StatusCode);
        await Eventually.True(() => !_host.Neighbours.Submitted.IsEmpty, "the Scheduler hears of it");
        var task = _host.Neighbours.Submitted.Single();
        Assert.Equal(("alice", "agent-1", TaskMode.Direct), (task.RequesterAgentId, task.ResponderAgentId, task.Mode!.Value));
        Assert.Equal(new RetryRule { MaxAttempts = 5, InitialBackoffS = 0.5, MaxBackoffS = 10 }, task.Retry);
        Assert.Equal(1, task.Requirements!.GpuUnits);
        Assert.Equal((PlacementStrategy.Pack, OnInfeasible.Wait, true), (task.Strategy!.Value, task.OnInfeasible!.Value, task.Preemptible!.Value));
        Assert.Equal(["zone in (eu, us)", "gpu.model exists"], task.Constraints!.Select(constraint => constraint.ToString()));
        Assert.Equal(new LabelPreference { Label = "a2a.version", Op = LabelOp.Eq, Value = "2", Weight = 7 }, Assert.Single(task.Preferences!));
        using var read = await _host.Get("/v1/tasks/" + task.TaskId);
        Assert.Equal("pack", (await read.Json()).GetProperty("strategy").GetString());
        Assert.Equal("zone", (await read.Json()).GetProperty("constraints")[0].GetProperty("label").GetString());
        Assert.True(JsonElement.DeepEquals(
            JsonElement.Parse("""{"n":[1,2.50,null,"é"],"deep":{"x":true}}"""), task.Parameters!.Value));
        Assert.Equal("2019-12-31T22:00:00.000Z", task.Metadata!.Value.GetProperty("a2a.client_created_at").GetString());
    }

    [Theory]
    [InlineData("task_id", "7", "#/task_id")]
    [InlineData("task_id", "\"\"", "#/task_id")]
    [InlineData("task_id", "\"a b\"", "#/task_id")]
    [InlineData("type", "7", "#/type")]
    [InlineData("type", "null", "#/task_type")]
    [InlineData("type", "\"a..b\"", "#/task_type")]
    [InlineData("priority", "5", "#/priority")]
    [InlineData("priority", "-1", "#/priority")]
    [InlineData("priority", "1.5", "#/priority")]
    [InlineData("priority", "\"urgent\"", "#/priority")]
    [InlineData("priority", "\"1\"", "#/priority")]
    [InlineData("deadline", "\"2999-03-21T15:00:00\"", "#/deadline")]
    [InlineData("deadline", "\"tomorrow\"", "#/deadline")]
    [InlineData("deadline", "1", "#/deadline")]
    [InlineData("requirements", "[]", "#/requirements")]
    [InlineData("requirements", """{"cpu_cores":"4"}""", "#/requirements/cpu_cores")]
    [InlineData("requirements", """{"cpu_cores":-1}""", "#/requirements/cpu_cores")]
    [InlineData("requirements", """{"cpu_cores":"NaN"}""", "#/requirements/cpu_cores")]
    [InlineData("requirements", """{"memory_gb":true}""", "#/requirements/memory_gb")]
    [InlineData("requirements", """{"storage_gb":1e9}""", "#/requirements/storage_gb")]
    [InlineData("requirements", """{"gpu_units":0.5}""", "#/requirements/gpu_units")]
    [InlineData("requirements", """{"cpus":1}""", "#/requirements/cpus")]
    [InlineData("dependencies", "{}", "#/dependencies")]
    [InlineData("dependencies", "[7]", "#/dependencies/0")]
    [InlineData("dependencies", "[{}]", "#/dependencies/0/task_id")]
    [InlineData("dependencies", """[{"task_id":"a b"}]""", "#/dependencies/0")]
    [InlineData("dependencies", """["a","a"]""", "#/dependencies/1")]
    [InlineData("dependencies", """["task-123e4567-e89b"]""", "#/dependencies/0")]
    [InlineData("dependencies", """[{"task_id":"a","conditon":"any"}]""", "#/dependencies/0/conditon")]
    [InlineData("dependencies", """[{"task_id":"a","condition":"sometimes"}]""", "#/dependencies/0/condition")]
    [InlineData("dependencies", """[{"task_id":"a","on_unsatisfied":7}]""", "#/dependencies/0/on_unsatisfied")]
    [InlineData("dependencies", """[{"task_id":"a","map":[]}]""", "#/dependencies/0/map")]
    [InlineData("dependencies", """[{"task_id":"a","map":{"/x":7}}]""", "#/dependencies/0/map/~1x")]
    [InlineData("dependencies", """[{"task_id":"a","map":{"/x":"y"}}]""", "#/dependencies/0/map/~1x")]
    [InlineData("not_before", "\"tomorrow\"", "#/not_before")]
    [InlineData("metadata", "[]", "#/metadata")]
    [InlineData("metadata", """{"a2a.attempt":1}""", "#/metadata")]
    [InlineData("requester_agent_id", "\"a/b\"", "#/requester_agent_id")]
    [InlineData("responder_agent_id", "\"a:b\"", "#/responder_agent_id")]
    [InlineData("mode", "\"direct\"", "#/responder_agent_id")]
    [InlineData("mode", "\"sideways\"", "#/mode")]
    [InlineData("retry", """{"max_attempts":0}""", "#/retry/max_attempts")]
    [InlineData("retry", """{"max_attempts":"3"}""", "#/retry/max_attempts")]
    [InlineData("retry", """{"initial_backoff_s":-1}""", "#/retry/initial_backoff_s")]
    [InlineData("retry", """{"max_backoff_s":1e6}""", "#/retry/max_backoff_s")]
    [InlineData("created_at", "\"2020-01-01\"", "#/created_at")]
    [InlineData("constraints", "{}", "#/constraints")]
    [InlineData("constraints", "[7]", "#/constraints/0")]
    [InlineData("constraints", """[{"label":"zone","op":"like","value":"e*"}]""", "#/constraints/0/op")]
    [InlineData("constraints", """[{"label":"zone","op":"eq"}]""", "#/constraints/0/value")]
    [InlineData("constraints", """[{"label":"a b","op":"exists"}]""", "#/constraints/0/label")]
    [InlineData("constraints", """[{"label":"zone","op":"in","values":[]}]""", "#/constraints/0/values")]
    [InlineData("constraints", """[{"label":"zone","op":"in","values":"eu"}]""", "#/constraints/0/values")]
    [InlineData("constraints", """[{"label":"zone","op":"exists","value":"eu"}]""", "#/constraints/0/value")]
    [InlineData("preferences", """[{"label":"zone","op":"eq","value":"eu","weight":0}]""", "#/preferences/0/weight")]
    [InlineData("strategy", "\"best\"", "#/strategy")]
    [InlineData("on_infeasible", "\"shrug\"", "#/on_infeasible")]
    [InlineData("preemptible", "\"yes\"", "#/preemptible")]
    public async Task A_wrong_field_is_named(string field, string value, string pointer)
    {
        var body = JsonNode.Parse(SeedExample)!.AsObject();
        body[field] = JsonNode.Parse(value);
        using var reply = await _host.Post("/v1/tasks", body.ToJsonString());

        var problem = await reply.Problem(400, "MSG001");
        Assert.Equal([pointer], problem.Pointers());
        Assert.Empty(_host.Neighbours.Submitted);
    }

    [Theory]
    [InlineData("deadline", "\"2020-01-01T00:00:00Z\"", 422, "DEADLINE_IMPOSSIBLE")]
    [InlineData("schema_version", "\"2.0\"", 400, "UNSUPPORTED_REQUEST")]
    public async Task What_cannot_be_honoured_has_its_own_code(string field, string value, int status, string code)
    {
        var body = JsonNode.Parse(SeedExample)!.AsObject();
        body[field] = JsonNode.Parse(value);
        using var reply = await _host.Post("/v1/tasks", body.ToJsonString());
        Assert.Equal(["#/" + field], (await reply.Problem(status, code)).Pointers());
    }

    [Fact]
    public async Task Every_mistake_is_listed_and_the_gravest_decides()
    {
        using var reply = await _host.Post("/v1/tasks",
            """{"tsk_type":"x","priority":9,"deadline":"2020-01-01T00:00:00Z","requirements":{"cpu_cores":"4","memory_gb":-1}}""");

        var problem = await reply.Problem(400, "MSG001");
        Assert.Equal(
            ["#/deadline", "#/priority", "#/requirements/cpu_cores", "#/requirements/memory_gb", "#/task_type", "#/tsk_type"],
            problem.Pointers().Order(StringComparer.Ordinal));
        Assert.Contains(problem.GetProperty("errors").EnumerateArray(),
            error => error.GetProperty("code").GetString() == ErrorKind.DeadlineImpossible.Code);
        Assert.Contains(problem.GetProperty("errors").EnumerateArray(),
            error => error.GetProperty("detail").GetString() == "unknown member; did you mean task_type?");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/json; charset=bogus")]
    [InlineData("application/json; charset=utf-7")]
    [InlineData("application/json; charset=utf-16")]
    public async Task Another_media_type_is_refused(string mediaType)
    {
        using var content = new StringContent(SeedExample);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        using var reply = await _host.Send(HttpMethod.Post, "/v1/tasks", content);
        await reply.Problem(415, "UNSUPPORTED_MEDIA_TYPE");
    }

    [Fact]
    public async Task A_body_without_a_media_type_is_refused()
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(SeedExample));
        using var reply = await _host.Send(HttpMethod.Post, "/v1/tasks", content);
        await reply.Problem(415, "UNSUPPORTED_MEDIA_TYPE");
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_whether_its_length_is_told_or_not()
    {
        await using var host = await GatewayHost.Start(("A2A:Gateway:BodyBytesMax", "500000"));
        var large = $$"""{"task_type":"a","parameters":"{{new string('x', 600_000)}}"}""";
        using var told = await host.Post("/v1/tasks", large);
        using var content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(large)));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/tasks", UriKind.Relative)) { Content = content };
        request.Headers.TransferEncodingChunked = true;
        using var untold = await host.Http.SendAsync(request);
        foreach (var reply in (HttpResponseMessage[])[told, untold])
        {
            Assert.Contains("500000", (await reply.Problem(413, "PAYLOAD_TOO_LARGE")).ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Metadata_over_its_limit_is_named_with_the_limit()
    {
        using var reply = await _host.Post("/v1/tasks", $$$"""{"task_type":"a","metadata":{"x":"{{{new string('x', 17_000)}}}"}}""");
        var problem = await reply.Problem(413, "PAYLOAD_TOO_LARGE");
        Assert.Equal(["#/metadata"], problem.Pointers());
        Assert.Contains("16384", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_validation_does_not_use_up_the_key()
    {
        using var refused = await _host.Post("/v1/tasks", """{"task_type":""}""", ("Idempotency-Key", "k"));
        await refused.Problem(400, "MSG001");
        using var accepted = await _host.Post("/v1/tasks", """{"task_type":"a"}""", ("Idempotency-Key", "k"));
        Assert.Equal(202, (int)accepted.StatusCode);
    }
}

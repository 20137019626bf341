using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.TaskTypes;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.Gateway.Tests;

/// <summary>Task types over HTTP: what agents announce is shown, checked and filled in (requirements 10, 37, 85, 86, 88, 94, 98).</summary>
[Trait("Requirement", "10")]
[Trait("Requirement", "86")]
[Trait("Requirement", "88")]
public sealed class TaskTypeTests : IAsyncLifetime
{
    private const string Mail = """
        {
          "type": "object",
          "properties": {
            "email": { "type": "string", "format": "email", "maxLength": 254 },
            "size": { "type": "object", "properties": { "width": { "type": "integer", "minimum": 16 } } }
          },
          "required": ["email"],
          "additionalProperties": false
        }
        """;

    private readonly Neighbours _neighbours = new();
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _neighbours.Types.Add(Type("mail.send", Mail, new TaskTypeProfile
        {
            Priority = 3,
            TimeoutS = 60,
            Requirements = new Requirements { CpuCores = 0.5 },
            Retry = new RetryRule { MaxAttempts = 5, NonRetryableCodes = ["BOUNCED"] },
        }));
        _host = await GatewayHost.Start(
            _neighbours,
            ("A2A:Gateway:TypeDefaults:0:Type", "mail.*"), ("A2A:Gateway:TypeDefaults:0:Timeout", "00:02:00"),
            ("A2A:Gateway:TypeDefaults:1:Type", "mail.send"), ("A2A:Gateway:TypeDefaults:1:MaxAttempts", "2"));
        // Until it has heard of the types a gateway lets everything in.
        _ = await _host.Services.GetRequiredService<TypeDirectory>().Ask(CancellationToken.None);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Requirement_86_every_failing_parameter_is_named_before_anything_is_stored()
    {
        using var reply = await _host.Post("/v1/tasks", """{"task_type":"mail.send","parameters":{"size":{"width":1.5},"colour":"red"}}""");

        var problem = await reply.Problem(422, "INVALID_PARAMETERS");
        Assert.Equal(
            ["#/parameters/colour", "#/parameters/email", "#/parameters/size/width", "#/parameters/size/width"],
            problem.Pointers().Order(StringComparer.Ordinal));
        using var absent = await _host.Post("/v1/tasks", """{"task_type":"mail.send"}""");
        Assert.Equal(["#/parameters/email"], (await absent.Problem(422, "INVALID_PARAMETERS")).Pointers());
    }

    [Fact]
    public async Task Requirement_88_formats_and_lengths_are_enforced_at_submission()
    {
        using var format = await _host.Post("/v1/tasks", """{"task_type":"mail.send","parameters":{"email":"nobody"}}""");
        Assert.Equal(["#/parameters/email"], (await format.Problem(422, "INVALID_PARAMETERS")).Pointers());
        var longest = JsonSerializer.Serialize(new { task_type = "mail.send", parameters = new { email = new string('a', 300) + "@example.org" } });
        using var length = await _host.Post("/v1/tasks", longest);
        Assert.Contains("at most 254 characters", (await length.Problem(422, "INVALID_PARAMETERS")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_of_form_and_of_parameters_are_told_together()
    {
        using var reply = await _host.Post("/v1/tasks", """{"task_type":"mail.send","priority":9,"parameters":{}}""");
        Assert.Equal(["#/priority", "#/parameters/email"], (await reply.Problem(400, "MSG001")).Pointers());
    }

    [Fact]
    public async Task Requirement_98_what_is_left_open_is_filled_in_by_operator_then_agent_and_can_be_seen()
    {
        using var reply = await _host.Post("/v1/tasks", """{"task_id":"filled","task_type":"mail.send","parameters":{"email":"a@example.org"}}""");
        Assert.Equal(202, (int)reply.StatusCode);

        using var read = await _host.Get("/v1/tasks/filled");
        var task = await read.Json();
        Assert.Equal("high", task.GetProperty("priority_name").GetString());
        Assert.Equal(0.5, task.GetProperty("requirements").GetProperty("cpu_cores").GetDouble());
        var retry = task.GetProperty("retry");
        Assert.Equal((2, "BOUNCED"), (retry.GetProperty("max_attempts").GetInt32(), retry.GetProperty("non_retryable_codes")[0].GetString()));
        Assert.Equal(TimeSpan.FromMinutes(2), task.GetProperty("deadline").GetDateTimeOffset() - task.GetProperty("created_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task Requirement_85_the_class_of_a_name_gives_defaults()
    {
        using var reply = await _host.Post("/v1/tasks", """{"task_id":"later","task_type":"background.cleanup"}""");
        using var read = await _host.Get("/v1/tasks/later");
        var task = await read.Json();
        Assert.Equal("low", task.GetProperty("priority_name").GetString());
        Assert.Equal(TimeSpan.FromDays(1), task.GetProperty("deadline").GetDateTimeOffset() - task.GetProperty("created_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task What_was_accepted_stays_accepted_though_its_schema_changes()
    {
        const string Task = """{"task_id":"kept","task_type":"fax.send","parameters":{}}""";
        using var first = await _host.Post("/v1/tasks", Task);
        _neighbours.Types.Add(Type("fax.send", """{"required":["number"]}"""));
        using var refreshed = await _host.Get("/v1/task-types");

        using var repeat = await _host.Post("/v1/tasks", Task);
        using var other = await _host.Post("/v1/tasks", """{"task_id":"kept","task_type":"fax.send","parameters":{"a":1}}""");
        Assert.Equal((202, 200, 422), ((int)first.StatusCode, (int)repeat.StatusCode, (int)other.StatusCode));
    }

    [Fact]
    public async Task A_type_that_nobody_has_announced_is_not_checked()
    {
        using var reply = await _host.Post("/v1/tasks", """{"task_type":"mail.read","parameters":{"anything":true}}""");
        Assert.Equal(202, (int)reply.StatusCode);
    }

    [Fact]
    public async Task Requirement_10_types_are_listed_with_their_agents_and_schemas()
    {
        using var list = await _host.Get("/v1/task-types");
        var listed = (await list.Json()).GetProperty("task_types").EnumerateArray().Single();
        Assert.Equal(("mail.send", true), (listed.GetProperty("task_type").GetString(), listed.GetProperty("live").GetBoolean()));
        Assert.False(listed.TryGetProperty("parameters_schema", out _));

        using var one = await _host.Get("/v1/task-types/mail.send");
        var type = await one.Json();
        Assert.Equal("email", type.GetProperty("parameters_schema").GetProperty("required")[0].GetString());
        Assert.Equal("mailer", type.GetProperty("agents")[0].GetProperty("agent_id").GetString());
        var profile = type.GetProperty("profile");
        Assert.Equal((120, 3), (profile.GetProperty("timeout_s").GetDouble(), profile.GetProperty("priority").GetInt32()));
        using var unknown = await _host.Get("/v1/task-types/mail.read");
        _ = await unknown.Problem(404, "NOT_FOUND");
    }

    [Fact]
    public async Task Requirement_94_a_version_is_checked_by_its_own_schema_and_any_will_do_without_one()
    {
        _neighbours.Types.Add(Type("mail.send", """{"required":["to"]}""", version: "2"));
        using var newest = await _host.Get("/v1/task-types/mail.send");
        Assert.Equal("2", (await newest.Json()).GetProperty("version").GetString());

        const string Old = """{"email":"a@example.org"}""";
        Assert.Equal(202, await Submit("mail.send", Old));
        Assert.Equal(422, await Submit("mail.send@2", Old));
        Assert.Equal(202, await Submit("mail.send@2", """{"to":1}"""));
        Assert.Equal(202, await Submit("mail.send@3", "{}"));
        Assert.Equal(422, await Submit("mail.send", "{}"));
    }

    [Fact]
    public async Task An_announcement_is_known_as_soon_as_it_is_heard_of()
    {
        Assert.Equal(202, await Submit("fax.send", "{}"));
        _neighbours.Types.Add(Type("fax.send", """{"required":["number"]}"""));
        await _host.Services.GetRequiredService<IBus>().Publish(new TaskTypesChanged { AgentId = "fax" });

        _ = await Eventually.Seen(_ => Submit("fax.send", "{}"), status => status == 422, "the new schema is used");
    }

    [Fact]
    public async Task A_schema_that_cannot_be_used_checks_nothing_and_is_shown()
    {
        _neighbours.Types.Add(Type("odd.job", """{"$ref":"https://example.org/elsewhere"}"""));
        using var reply = await _host.Get("/v1/task-types/odd.job");

        Assert.Contains("#/$ref", (await reply.Json()).GetProperty("schema_problem").GetString(), StringComparison.Ordinal);
        Assert.Equal(202, await Submit("odd.job", "{}"));
    }

    [Fact]
    public async Task While_a_schema_changes_what_fits_either_is_accepted_and_absent_agents_do_not_count()
    {
        _neighbours.Types.Add(Type("mail.send", """{"required":["to"]}""", agent: "new-mailer"));
        _neighbours.Types.Add(Type("mail.send", "true", agent: "gone", state: "offline"));
        using var refreshed = await _host.Get("/v1/task-types");

        Assert.Equal(202, await Submit("mail.send", """{"to":1}"""));
        Assert.Equal(202, await Submit("mail.send", """{"email":"a@example.org"}"""));
        Assert.Equal(422, await Submit("mail.send", "{}"));
    }

    [Fact]
    [Trait("Requirement", "37")]
    public async Task Requirement_37_every_message_has_a_schema()
    {
        using var list = await _host.Get("/v1/schemas");
        var names = (await list.Json()).GetProperty("schemas").EnumerateArray().Select(one => one.GetProperty("message_type").GetString()!).ToList();
        Assert.Contains("task.submit", names);
        foreach (var name in names)
        {
            using var reply = await _host.Get($"/v1/schemas/{name}/1.0");
            Assert.Equal("application/schema+json", reply.Content.Headers.ContentType?.MediaType);
            _ = JsonSchema.CompiledSchema.From(await reply.Json(), new() { AssertsFormat = true });
        }

        using var submission = await _host.Get("/v1/schemas/task.submit");
        Assert.Empty(JsonSchema.CompiledSchema.From(await submission.Json()).Validate(JsonElement.Parse(SubmitTests.SeedExample)));
        using var unknown = await _host.Get("/v1/schemas/task.submit/9");
        _ = await unknown.Problem(404, "NOT_FOUND");
    }

    private async Task<int> Submit(string type, string parameters)
    {
        using var reply = await _host.Post("/v1/tasks", $$"""{"task_type":"{{type}}","parameters":{{parameters}}}""");
        return (int)reply.StatusCode;
    }

    internal static AnnouncedType Type(
        string name, string schema, TaskTypeProfile? profile = null, string? version = null, string agent = "mailer", string state = "online") => new()
        {
            Capability = new AgentCapability
            {
                TaskType = name,
                Version = version,
                ParametersSchema = JsonElement.Parse(schema),
                Profile = profile,
            },
            Agents = [new TypeAgent { AgentId = agent, State = state, LastSeenAt = DateTimeOffset.UnixEpoch }],
        };
}

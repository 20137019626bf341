using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tests;

/// <summary>What stands on the wire is what the protocol guide prints (requirements 5, 6, 8).</summary>
[Trait("Requirement", "5")]
[Trait("Requirement", "6")]
[Trait("Requirement", "8")]
[Trait("Requirement", "11")]
[Trait("Requirement", "51")]
[Trait("Requirement", "52")]
[Trait("Requirement", "53")]
[Trait("Requirement", "87")]
public sealed class WireFormatTests
{
    // Both are the protocol guide's own examples, character for character.
    private const string SubmissionExample = """
        {
          "task_id": "task-123e4567-e89b",
          "type": "data_processing",
          "priority": 1,
          "deadline": "2024-03-21T15:00:00Z",
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

    private const string StatusExample = """
        {
          "task_id": "task-123e4567-e89b",
          "status": "running",
          "progress": 0.45,
          "metrics": {
            "cpu_usage": 75.5,
            "memory_usage": 12.8,
            "throughput": 1000
          },
          "timestamp": "2024-03-21T14:30:00Z"
        }
        """;

    private static readonly DateTimeOffset Before = new(2024, 3, 21, 14, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_guides_submission_is_read_as_it_is_meant()
    {
        var task = Read<SubmitTask>(SubmissionExample);

        Assert.Equal("task-123e4567-e89b", task.TaskId);
        Assert.Equal("data_processing", task.Type);
        Assert.Equal(1, task.Priority);
        Assert.Equal(new DateTimeOffset(2024, 3, 21, 15, 0, 0, TimeSpan.Zero), task.Deadline);
        Assert.Equal(new Requirements { CpuCores = 4, MemoryGb = 16, StorageGb = 100 }, task.Requirements);
        Assert.Null(task.Requirements?.GpuUnits);
        Assert.Empty(task.Dependencies);
        Assert.Equal("batch-789", task.Metadata?.GetProperty("batch_id").GetString());
        Assert.Empty(TaskRules.Check(task, Before));
    }

    [Fact]
    public void The_guides_submission_is_written_as_it_came_except_that_the_type_is_called_task_type()
    {
        var written = Write(TaskRules.Normalise(Read<SubmitTask>(SubmissionExample), Before));

        AssertSame(SubmissionExample.Replace("\"type\"", "\"task_type\"", StringComparison.Ordinal), written,
            added: ["mode", "created_at", "schema_version"]);
    }

    [Fact]
    public void The_guides_status_update_is_read_as_it_is_meant()
    {
        var status = Read<TaskStatusUpdate>(StatusExample);

        Assert.Equal(("task-123e4567-e89b", TaskState.Running, 0.45), (status.TaskId, status.Status, status.Progress));
        Assert.Equal(75.5, status.Metrics?.GetProperty("cpu_usage").GetDouble());
        Assert.Equal(new DateTimeOffset(2024, 3, 21, 14, 30, 0, TimeSpan.Zero), status.Timestamp);
        Assert.Null(status.Attempt);
    }

    [Fact]
    public void The_guides_status_update_is_written_as_it_came() =>
        AssertSame(StatusExample, Write(Read<TaskStatusUpdate>(StatusExample)), added: []);

    [Fact]
    public void What_a_newer_version_adds_is_passed_over()
    {
        const string newer = """{"task_id":"t","task_type":"a.b","colour":"red","requirements":{"cpu_cores":1,"npu_units":2}}""";

        Assert.Equal(1, Read<SubmitTask>(newer).Requirements?.CpuCores);
    }

    [Theory]
    [InlineData("""{"task_type":"a.b"}""", "task_id")]
    [InlineData("""{"task_id":"t","priority":"1"}""", "priority")]
    [InlineData("""{"task_id":"t","priority":1.5}""", "priority")]
    [InlineData("""{"task_id":7}""", "task_id")]
    [InlineData("""{"task_id":"t","requirements":{"cpu_cores":"4"}}""", "cpu_cores")]
    [InlineData("""{"task_id":"t","deadline":"2024-03-21T15:00:00"}""", "deadline")]
    [InlineData("""{"task_id":"t","dependencies":[{"id":"x"}]}""", "dependencies")]
    [InlineData("""{"task_id":"t","mode":"direct","mode":"routed"}""", "mode")]
    public void A_wrong_type_or_a_missing_field_is_refused_and_named(string json, string field)
    {
        var fault = Assert.Throws<JsonException>(() => Read<SubmitTask>(json));
        Assert.Contains(field, fault.Path + fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_exact() =>
        Assert.Equal("", Read<SubmitTask>("""{"task_id":"t","TaskType":"a.b"}""").TaskType);

    [Fact]
    public void A_dependency_is_an_id_or_an_object()
    {
        var task = Read<SubmitTask>("""{"task_id":"t","dependencies":["a",{"task_id":"b","condition":"failure","on_unsatisfied":"skip"}]}""");

        Assert.Equal(
            [new Dependency { TaskId = "a" }, new Dependency { TaskId = "b", Condition = DependencyCondition.Failure, OnUnsatisfied = UnsatisfiedPolicy.Skip }],
            task.Dependencies);
        Assert.Contains("""[{"task_id":"a"},{"task_id":"b","condition":"failure","on_unsatisfied":"skip"}]""", Write(task),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":[1.0,1e3,-0,"123.45",null,true,{"z":"ü","y":"\u0000"}],"deep":{"k":[[[]]]}}""")]
    [InlineData("\"text\"")]
    [InlineData("[1,2,3]")]
    public void Parameters_come_back_unchanged(string parameters)
    {
        var task = Read<SubmitTask>($$"""{"task_id":"t","parameters":{{parameters}}}""");
        var again = Read<SubmitTask>(Write(task));

        Assert.Equal(parameters, again.Parameters?.GetRawText());
    }

    [Theory]
    [InlineData(typeof(TaskDocument), "task_id", "ended_at", "progress_message", "execution_metadata")]
    [InlineData(typeof(AllocateResources), "enqueued_at", "excluded_agents", "avoid_agent", "placement")]
    [InlineData(typeof(PlacementRule), "constraints", "preferences", "strategy", "on_infeasible", "preemptible")]
    [InlineData(typeof(FieldError), "pointer", "detail", "code")]
    public void Properties_are_spelled_in_snake_case(Type type, params string[] names)
    {
        var spelled = WireJson.Options.GetTypeInfo(type).Properties.Select(property => property.Name).ToArray();

        Assert.All(names, name => Assert.Contains(name, spelled));
    }

    [Fact]
    public void What_is_absent_is_not_written() =>
        Assert.DoesNotContain("null", Write(new TaskAccepted { TaskId = "t", Attempt = 1, AgentId = "a" })
            + Write(new SubmitTask { TaskId = "t" }), StringComparison.Ordinal);

    [Fact]
    public void The_settings_cannot_be_changed_by_accident() => Assert.True(WireJson.Options.IsReadOnly);

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, WireJson.Options)!;

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, WireJson.Options);

    private static void AssertSame(string expected, string written, string[] added)
    {
        using var wanted = JsonDocument.Parse(expected);
        using var got = JsonDocument.Parse(written);
        var names = wanted.RootElement.EnumerateObject().Select(member => member.Name).ToArray();
        Assert.Equal(names.Concat(added).Order(), got.RootElement.EnumerateObject().Select(member => member.Name).Order());
        Assert.All(names, name => Assert.True(
            SameValue(wanted.RootElement.GetProperty(name), got.RootElement.GetProperty(name)), $"{name} in {written}"));
    }

    private static bool SameValue(JsonElement a, JsonElement b) =>
        JsonElement.DeepEquals(a, b)
        || (a.ValueKind == JsonValueKind.String && UtcTimeConverter.TryParse(a.GetString()!, out var at)
            && UtcTimeConverter.Print(at) == b.GetString());
}

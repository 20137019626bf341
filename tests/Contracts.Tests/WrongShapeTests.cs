using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tests;

/// <summary>A message that does not fit its contract is refused with code, field and what would be right (requirement 45).</summary>
[Trait("Requirement", "45")]
public sealed class WrongShapeTests
{
    private static readonly JsonSerializerOptions Bus = WireJson.ApplyInsideEnvelope(new JsonSerializerOptions { PropertyNameCaseInsensitive = true });

    [Theory]
    [InlineData("""{"task_id":7,"task_type":"a"}""", "#/task_id", "a text is expected")]
    [InlineData("""{"task_type":"a"}""", "#/task_id", "it is required, and it is not there")]
    [InlineData("""{"task_id":null,"task_type":"a"}""", "#/task_id", "a value is required, and null is none")]
    [InlineData("""{"task_id":"t","task_type":"a","priority":"high"}""", "#/priority", "a whole number within its range is expected")]
    [InlineData("""{"task_id":"t","task_type":"a","priority":1.5}""", "#/priority", "a whole number within its range is expected")]
    [InlineData("""{"task_id":"t","task_type":"a","deadline":"soon"}""", "#/deadline", "expected an RFC 3339 time")]
    [InlineData("""{"task_id":"t","task_type":"a","requirements":{"cpu_cores":"four"}}""", "#/requirements/cpu_cores", "a number is expected")]
    [InlineData("""{"task_id":"t","task_type":"a","requirements":[]}""", "#/requirements", "an object is expected")]
    [InlineData("""{"task_id":"t","task_type":"a","dependencies":{}}""", "#/dependencies", "an array is expected")]
    [InlineData("""{"task_id":"t","task_type":"a","dependencies":["b",7]}""", "#/dependencies/1", "a dependency is ")]
    [InlineData("[]", "#", "an object is expected")]
    [InlineData("5", "#", "an object is expected")]
    public void The_field_is_named_and_what_would_be_right(string json, string pointer, string detail)
    {
        var refused = Refused(json);
        Assert.Equal((ErrorKind.Validation, pointer), (refused.Kind, Assert.Single(refused.Errors).Pointer));
        Assert.StartsWith($"MSG001 {pointer}: {detail}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_client_of_MassTransit_leaves_null_is_left_out()
    {
        var read = JsonSerializer.Deserialize<SubmitTask>("""{"TASK_ID":"t","task_type":"a","deadline":null,"dependencies":null,"requirements":null}""", Bus);
        Assert.Equal("t", read!.TaskId);
    }

    private static ProtocolException Refused(string json)
    {
        var message = JsonElement.Parse(json);
        return WrongShape.Of(typeof(SubmitTask), message, Assert.ThrowsAny<JsonException>(() => message.Deserialize<SubmitTask>(Bus)), Bus);
    }
}

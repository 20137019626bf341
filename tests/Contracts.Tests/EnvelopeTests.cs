using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ServiceDefaults;
using MassTransit.Serialization;

namespace A2A.Micro.Contracts.Tests;

/// <summary>On the bus the body is spelled as over HTTP, while the envelope keeps the names that MassTransit clients know.</summary>
public sealed class EnvelopeTests
{
    private static readonly TaskResult Result = new()
    {
        TaskId = "t",
        Attempt = 2,
        Status = TaskState.Completed,
        ExecutorAgentId = "a",
        CompletedAt = new DateTimeOffset(2026, 3, 21, 16, 0, 0, 250, TimeSpan.FromHours(1)),
    };

    [Fact]
    public void The_body_is_snake_case_and_the_envelope_is_not()
    {
        var json = JsonSerializer.Serialize(Envelope(Result), Bus());

        using var document = JsonDocument.Parse(json);
        var body = document.RootElement.GetProperty("message");
        Assert.Equal("urn:a2a:task.result", document.RootElement.GetProperty("messageType")[0].GetString());
        Assert.Equal("t", body.GetProperty("task_id").GetString());
        Assert.Equal("completed", body.GetProperty("status").GetString());
        Assert.Equal("2026-03-21T15:00:00.250Z", body.GetProperty("completed_at").GetString());
        Assert.False(body.TryGetProperty("error", out _));
    }

    [Fact]
    public void The_body_is_the_same_json_as_over_http()
    {
        var onTheBus = JsonSerializer.SerializeToElement(Result, Bus());

        Assert.True(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(Result, WireJson.Options), onTheBus), onTheBus.GetRawText());
    }

    [Fact]
    public void What_was_written_is_read_again() =>
        Assert.Equal(Result with { CompletedAt = Result.CompletedAt.ToUniversalTime() },
            JsonSerializer.Deserialize<TaskResult>(JsonSerializer.Serialize(Result, Bus()), Bus()));

    [Fact]
    public void Pointers_are_names_of_places_also_the_empty_one_and_those_that_differ_by_case()
    {
        var map = new Dictionary<string, string> { [""] = "/whole", ["/a"] = "/b", ["/A"] = "/c" };
        var outputs = new Dictionary<string, JsonElement>
        {
            [""] = JsonElement.Parse("{}"), ["/a"] = JsonElement.Parse("1"), ["/A"] = JsonElement.Parse("null"),
        };

        Assert.Equal(map, Again(new Dependency { TaskId = "t", Map = map }).Map);
        Assert.Equal(map, Again(new DependencyState { TaskId = "t", Map = map }).Map);
        Assert.Equal(outputs.Select(one => (one.Key, one.Value.GetRawText())),
            Again(new DependencySettled { TaskId = "t", DependencyId = "d", Outputs = outputs }).Outputs!.Select(one => (one.Key, one.Value.GetRawText())));

        static T Again<T>(T message) => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(message, Bus()), Bus())!;
    }

    [Fact]
    public void A_foreign_type_keeps_its_names()
    {
        var json = JsonSerializer.Serialize(Envelope(Result), Bus());

        Assert.DoesNotContain("message_type", json, StringComparison.Ordinal);
        Assert.DoesNotContain("sent_time", json, StringComparison.Ordinal);
    }

    [Fact]
    public void All_buses_of_a_process_share_one_set_of_options() =>
        Assert.Same(Bus(), BusJson.Once(new JsonSerializerOptions(SystemTextJsonMessageSerializer.Options)));

    private static JsonSerializerOptions Bus() =>
        BusJson.Once(new JsonSerializerOptions(SystemTextJsonMessageSerializer.Options));

    private static JsonMessageEnvelope Envelope(TaskResult message) => new()
    {
        MessageId = "01890000-0000-7000-8000-000000000000",
        MessageType = ["urn:a2a:task.result"],
        Message = message,
        SentTime = new DateTime(2026, 3, 21, 15, 0, 0, DateTimeKind.Utc),
    };
}

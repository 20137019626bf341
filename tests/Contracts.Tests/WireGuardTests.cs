using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;

namespace A2A.Micro.Contracts.Tests;

/// <summary>What breaks its contract is not sent (requirement 38).</summary>
[Trait("Requirement", "38")]
public sealed class WireGuardTests
{
    [Fact]
    public void A_sound_message_passes() => WireGuard.Check(new SubmitTask { TaskId = "t", TaskType = "data.analysis" });

    [Fact]
    public void A_message_that_lacks_what_it_needs_is_named_with_the_field()
    {
        var refused = Assert.Throws<ProtocolException>(() => WireGuard.Check(new SubmitTask { TaskId = null!, TaskType = "data.analysis" }));
        Assert.Equal((ErrorKind.Serialization, "Failed to serialize task.submit: #/task_id is required"), (refused.Kind, refused.Message));
        refused = Assert.Throws<ProtocolException>(() => WireGuard.Check(new StateRead { States = null! }));
        Assert.Equal("Failed to serialize state.read.answer: #/states is required", refused.Message);
    }

    [Fact]
    public void Every_message_is_held_to_what_its_schema_calls_required()
    {
        var messages = typeof(WireJson).Assembly.GetExportedTypes()
            .Where(type => type.GetCustomAttributes(typeof(MassTransit.MessageUrnAttribute), false).Length > 0 && !type.IsAbstract).ToList();
        Assert.True(messages.Count > 40, $"{messages.Count} messages");
        Assert.All(messages, type =>
        {
            var empty = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
            var required = WireSchema.Of(type, WireJson.Options).TryGetProperty("required", out var names)
                ? names.EnumerateArray().Select(name => "#/" + name.GetString()).ToHashSet() : [];
            string? refused = null;
            try { WireGuard.Check(empty); }
            catch (ProtocolException e) { refused = e.Message; }
            if (refused is not null) { Assert.Contains(required, field => refused.EndsWith($": {field} is required", StringComparison.Ordinal)); }
            else
            {
                Assert.DoesNotContain(type.GetProperties(), property => !property.PropertyType.IsValueType
                    && required.Contains("#/" + JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)));
            }
        });
    }
}

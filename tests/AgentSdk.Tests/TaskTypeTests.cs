using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.JsonSchema;
using Microsoft.Extensions.DependencyInjection;

namespace A2A.Micro.AgentSdk.Tests;

/// <summary>What an agent says about the types that it does, and that it keeps to it.</summary>
public sealed class TaskTypeTests
{
    [Fact]
    public void A_schema_is_derived_from_the_records_and_their_attributes()
    {
        var schema = CompiledSchema.From(Capability<Order>().ParametersSchema!.Value);

        Assert.Empty(schema.Validate(Json("""{"email":"a@example.org","width":16,"colour":"dark_red","at":"2026-01-01T00:00:00Z","inner":{"token":"t"}}""")));
        var errors = schema.Validate(Json("""{"email":"nobody","width":15,"colour":"Blue","at":"yesterday","codes":["toolong"],"inner":{}}"""));
        Assert.Equal(
            ["#/at format", "#/colour enum", "#/email format", "#/inner/token required", "#/width minimum"],
            errors.Select(error => $"{error.Pointer} {error.Keyword}").Order(StringComparer.Ordinal));
        Assert.Equal("#/email", Assert.Single(schema.Validate(Json("""{"inner":null}"""))).Pointer);
    }

    [Fact]
    public void Secrets_are_named_by_attribute_and_by_pointer() => Assert.Equal(
        ["/inner/token", "/password"], Capability<Order>(type => type.Sensitive("/password")).Sensitive);

    [Fact]
    public void Descriptions_reach_the_schema() => Assert.Equal(
        "who is asked",
        Capability<Order>().ParametersSchema!.Value.GetProperty("properties").GetProperty("email").GetProperty("description").GetString());

    [Fact]
    public void A_type_says_its_version_and_defaults()
    {
        var capability = Capability<Order>(type => type
            .Version("2").Description("orders").Priority(3).Timeout(TimeSpan.FromMinutes(2)).Requires(0.5, 0.25)
            .Retry(new RetryRule { MaxAttempts = 5, NonRetryableCodes = ["BAD_INPUT"] }));

        Assert.Equal(("2", "orders", 3, 120.0), (capability.Version, capability.Description, capability.Profile!.Priority, capability.Profile.TimeoutS));
        Assert.Equal(new Requirements { CpuCores = 0.5, MemoryGb = 0.25 }, capability.Profile.Requirements);
        Assert.Equal(["BAD_INPUT"], capability.Profile.Retry!.NonRetryableCodes);
    }

    [Fact]
    public void What_makes_no_sense_is_refused_when_the_agent_is_described()
    {
        _ = Assert.Throws<ArgumentException>(() => Capability<Order>(type => type.Version("a b")));
        _ = Assert.Throws<ArgumentException>(() => Capability<Order>(type => type.Priority(7)));
        _ = Assert.Throws<ArgumentException>(() => Capability<Order>(type => type.Timeout(TimeSpan.Zero)));
        _ = Assert.Throws<ArgumentException>(() => Capability<Order>(type => type.Sensitive("password")));
        _ = Assert.Throws<InvalidSchemaException>(() => Capability<Order>(type => type.Parameters(Json("""{"type":"strnig"}"""))));
        _ = Assert.Throws<ArgumentException>(() => new AgentBuilder().Handle<Order, Answer>("a.b@2", (_, _) => Task.FromResult(new Answer(""))));
    }

    [Theory]
    [InlineData("a.b", "10")]
    [InlineData("a.b@2", "2")]
    [InlineData("a.b@10", "10")]
    [InlineData("a.b@3", null)]
    public void The_version_that_is_asked_for_does_the_work_and_the_newest_when_none_is(string asked, string? version)
    {
        var agent = new AgentBuilder()
            .Handle<Order, Answer>("a.b", (_, _) => Task.FromResult(new Answer("")), type => type.Version("2"))
            .Handle<Order, Answer>("a.b", (_, _) => Task.FromResult(new Answer("")), type => type.Version("10"))
            .Build("x");
        Assert.Equal(version, agent.Find(asked)?.Version);
    }

    [Fact]
    public void Every_failing_member_is_named_before_the_handler_sees_anything()
    {
        var binding = new AgentBuilder().Handle<Order, Answer>("a.b", (_, _) => throw new InvalidOperationException()).Build("x").Find("a.b")!;
        var no = Assert.Throws<TaskRejectedException>(() => binding.Prepare(new OfferTask
        {
            TaskId = "1",
            Attempt = 1,
            AgentId = "x",
            TaskType = "a.b",
            Parameters = Json("""{"width":15,"email":"a@example.org","colour":7}"""),
            OfferedUntil = DateTimeOffset.MaxValue,
        }, new ServiceCollection().BuildServiceProvider()));
        Assert.Equal(RejectionReason.InvalidParameters, no.Reason);
        Assert.Contains("#/parameters/width: must be at least 16", no.Message, StringComparison.Ordinal);
        Assert.Contains("#/parameters/colour: must be one of \"plain\", \"dark_red\"", no.Message, StringComparison.Ordinal);
    }

    private static AgentCapability Capability<T>(Action<TaskTypeBuilder>? describe = null) => new AgentBuilder()
        .Handle<T, Answer>("a.b", (_, _) => Task.FromResult(new Answer("")), describe).Build("x").Handlers[0].Describe();

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    internal enum Colour
    {
        Plain,
        DarkRed,
    }

    internal sealed record Order
    {
        [EmailAddress, Description("who is asked")]
        public required string Email { get; init; }

        [Range(16, 4096)]
        public int? Width { get; init; }

        public Colour? Colour { get; init; }

        public DateTimeOffset? At { get; init; }

        [MaxLength(3)]
        public IReadOnlyList<string>? Codes { get; init; }

        public Secret? Inner { get; init; }
    }

    internal sealed record Secret([property: Sensitive] string Token);
}

using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.ResourceManager.Agents;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>What agents announce about types, as the directory shows it.</summary>
[Trait("Requirement", "10")]
public sealed class TypeDirectoryTests
{
    private static readonly AgentCapability Second = new()
    {
        TaskType = "a.b",
        Version = "2",
        ParametersSchema = JsonElement.Parse("""{"type":"object"}"""),
        Profile = new TaskTypeProfile { Priority = 3, Retry = new RetryRule { NonRetryableCodes = ["X"] } },
        Sensitive = ["/key"],
    };

    [Fact]
    public void The_same_announcement_is_listed_once_with_everybody_who_makes_it()
    {
        var types = TypeDirectory.Of([Known("b", Second), Known("a", Second, Second with { Version = "10" })]).Types;

        Assert.Equal(["2", "10"], types.Select(type => type.Capability.Version));
        Assert.Equal(["a", "b"], types[0].Agents.Select(agent => agent.AgentId));
        Assert.Equal(["a"], types[1].Agents.Select(agent => agent.AgentId));
        Assert.Equal((3, "X", "/key"), (types[0].Capability.Profile!.Priority, types[0].Capability.Profile!.Retry!.NonRetryableCodes![0],
            types[0].Capability.Sensitive![0]));
    }

    [Fact]
    public void Whoever_does_a_version_does_the_type_and_the_version() =>
        Assert.Equal(["a.b", "a.b@2", "c.*"], Read(Second, new AgentCapability { TaskType = "c.*", Version = "1" }).TaskTypes);

    [Theory]
    [InlineData("""{"task_type":"a.b","version":"1 2"}""", "#/capabilities/0/version")]
    [InlineData("""{"task_type":"a.b@2"}""", "#/capabilities/0/task_type")]
    [InlineData("""{"task_type":"a.b","sensitive":["key"]}""", "#/capabilities/0/sensitive")]
    [InlineData("""{"task_type":"a.b","profile":{"priority":9}}""", "#/capabilities/0/profile/priority")]
    [InlineData("""{"task_type":"a.b","profile":{"timeout_s":0}}""", "#/capabilities/0/profile/timeout_s")]
    [InlineData("""{"task_type":"a.b","profile":{"requirements":{"cpu_cores":-1}}}""", "#/capabilities/0/profile/requirements/cpu_cores")]
    [InlineData("""{"task_type":"a.b","profile":{"retry":{"jitter":2}}}""", "#/capabilities/0/profile/retry/jitter")]
    public void What_makes_no_sense_is_refused_by_name(string capability, string pointer)
    {
        var read = JsonSerializer.Deserialize<AgentCapability>(capability, Contracts.Wire.WireJson.Options)!;
        Assert.Equal(pointer, Assert.Single(Assert.Throws<ProtocolException>(() => Read(read)).Errors).Pointer);
    }

    [Fact]
    public void A_schema_of_a_megabyte_is_refused()
    {
        var large = JsonSerializer.SerializeToElement(new { description = new string('x', Announcements.SchemaMax) });
        Assert.Equal("#/capabilities/0/parameters_schema",
            Assert.Single(Assert.Throws<ProtocolException>(() => Read(Second with { ParametersSchema = large })).Errors).Pointer);
    }

    private static Ledger.Announcement Read(params AgentCapability[] capabilities) => Announcements.Read(new AnnounceAgent
    {
        AgentId = "a",
        Incarnation = 1,
        Capabilities = capabilities,
        Capacity = new AgentCapacity { Slots = 1 },
    });

    private static KnownAgent Known(string id, params AgentCapability[] capabilities) =>
        new(new TypeAgent { AgentId = id, State = "online", LastSeenAt = Claims.Noon }, Read(capabilities).CapabilitiesJson);
}

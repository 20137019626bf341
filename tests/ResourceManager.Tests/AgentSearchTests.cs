using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.ResourceManager.Tests;

/// <summary>Who could do a task that several agents shall do (requirements 79, 82).</summary>
public sealed class AgentSearchTests
{
    private readonly Situation _it = new();

    [Fact]
    public async Task Everybody_who_could_do_it_is_found_and_those_with_room_first()
    {
        await _it.Online(Claims.Agent("a"), Claims.Agent("b"), Claims.Agent("c"), Claims.Agent("d", types: "image.*"), Claims.Agent("e"), Claims.Agent("f"));
        await _it.Runs("1", "a");
        await _it.Drains("e");
        await _it.Steered("f", SteerAction.Cordon);

        var found = await _it.Finds(Claims.Of("t"));

        Assert.Equal(["b", "c", "a"], found.AgentIds);
        Assert.Equal(("t", 1, null, false), (found.TaskId, found.Attempt, found.Code, found.IsFinal));
        Assert.Equal(["b", "c"], (await _it.Finds(Claims.Of("t"), most: 2)).AgentIds);
    }

    [Fact]
    public async Task Nobody_yet_and_nobody_ever_are_told_apart()
    {
        var early = await _it.Finds(Claims.Of("t"));
        await _it.Online(Claims.Agent("a", memoryMib: 1024));
        var large = Claims.Of("t", memoryMib: 4096);
        var never = await _it.Finds(large);
        var patient = await _it.Finds(large with { Placement = new PlacementRule { OnInfeasible = OnInfeasible.Wait } });

        Assert.Equal(("NO_AGENT_FOR_TYPE", false), (early.Code, early.IsFinal));
        Assert.Equal(("INFEASIBLE", true), (never.Code, never.IsFinal));
        Assert.Equal(("INFEASIBLE_NOW", false), (patient.Code, patient.IsFinal));
        Assert.All([early, never, patient], answer => Assert.Empty(answer.AgentIds));
    }
}

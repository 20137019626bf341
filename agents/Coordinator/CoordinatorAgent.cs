using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Files;

namespace A2A.Micro.Coordinator;

/// <summary>The agent for <c>data.survey</c>: gives the parts of a large analysis to the agents for <c>data.analysis</c>.</summary>
public static class CoordinatorAgent
{
    /// <summary>The agent as a module. It waits more than it works, so it holds many tasks and asks for little.</summary>
    /// <param name="agentId">Its id; null: <c>coordinator-01</c>.</param>
    public static AgentModule Module(string? agentId = null) => new(
        agentId ?? "coordinator-01",
        agent => agent
            .Slots(32)
            .Capacity(cpuCores: 1, memoryGb: 1)
            .Version("1.0.0")
            .Handle<SurveyParameters, SurveyReport, SurveyHandler>(
                "data.survey",
                type => type.Version("1").Description("Figures about the columns of a large CSV file, worked out by several agents.")),
        FileRootsSetup.AddFileRoots);
}

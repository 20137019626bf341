using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Files;

namespace A2A.Micro.DataAnalysis;

/// <summary>The agent for <c>data.analysis</c>: figures about CSV files of any size.</summary>
public static class DataAnalysisAgent
{
    /// <summary>The agent as a module.</summary>
    /// <param name="agentId">Its id; null: <c>data-analysis-01</c>.</param>
    public static AgentModule Module(string? agentId = null) => new(
        agentId ?? "data-analysis-01",
        agent => agent
            .Slots(4)
            .Capacity(cpuCores: 4, memoryGb: 8)
            .Version("1.0.0")
            .Handle<AnalysisParameters, AnalysisReport, AnalysisHandler>(
                "data.analysis", type => type.Version("1").Description("Figures about the columns of a CSV file.")),
        FileRootsSetup.AddFileRoots);
}

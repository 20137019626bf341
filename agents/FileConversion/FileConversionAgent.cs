using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Files;

namespace A2A.Micro.FileConversion;

/// <summary>The agent for <c>file.conversion</c>: tables from one format into another.</summary>
public static class FileConversionAgent
{
    /// <summary>The agent as a module.</summary>
    /// <param name="agentId">Its id; null: <c>file-conversion-01</c>.</param>
    public static AgentModule Module(string? agentId = null) => new(
        agentId ?? "file-conversion-01",
        agent => agent
            .Slots(4)
            .Capacity(cpuCores: 2, memoryGb: 2, storageGb: 50)
            .Version("1.0.0")
            .Handle<ConversionParameters, ConversionReport, ConversionHandler>(
                "file.conversion", type => type.Version("1").Description("Tables between CSV, JSON and NDJSON.")),
        FileRootsSetup.AddFileRoots);
}

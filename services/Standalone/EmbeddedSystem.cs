using A2A.Micro.Coordinator;
using A2A.Micro.DataAnalysis;
using A2A.Micro.FileConversion;
using A2A.Micro.Gateway;
using A2A.Micro.ImageGeneration;
using A2A.Micro.ResourceManager;
using A2A.Micro.Scheduler;
using A2A.Micro.ServiceDefaults;
using A2A.Micro.StateSync;

namespace A2A.Micro.Standalone;

/// <summary>The whole system in one process: the same four modules that are services elsewhere, and the four sample agents.</summary>
public static class EmbeddedSystem
{
    /// <summary>The services, in the order in which they start.</summary>
    public static IReadOnlyList<IModule> Services() =>
        [new SchedulerModule(), new ResourceManagerModule(), new StateSyncModule(), new GatewayModule()];

    /// <summary>The services and the sample agents.</summary>
    public static IReadOnlyList<IModule> Modules() =>
        [.. Services(), DataAnalysisAgent.Module(), FileConversionAgent.Module(), ImageGenerationAgent.Module(), CoordinatorAgent.Module()];
}

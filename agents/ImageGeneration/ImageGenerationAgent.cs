using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Files;

namespace A2A.Micro.ImageGeneration;

/// <summary>The agent for <c>image.generation</c>: pictures of the Mandelbrot set.</summary>
public static class ImageGenerationAgent
{
    /// <summary>The agent as a module.</summary>
    /// <param name="agentId">Its id; null: <c>image-generation-01</c>.</param>
    public static AgentModule Module(string? agentId = null) => new(
        agentId ?? "image-generation-01",
        agent => agent
            .Slots(2)
            .Capacity(cpuCores: 2, memoryGb: 4)
            .Version("1.0.0")
            .Handle<ImageParameters, ImageReport, ImageHandler>(
                "image.generation", type => type.Version("1").Description("Pictures of the Mandelbrot set, as PNG.")),
        FileRootsSetup.AddFileRoots);
}

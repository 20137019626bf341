using A2A.Micro.ImageGeneration;
using A2A.Micro.ServiceDefaults;

await MicroHost.Run(args, ImageGenerationAgent.Module(Environment.GetEnvironmentVariable("Agent__Id")));

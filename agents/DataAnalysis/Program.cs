using A2A.Micro.DataAnalysis;
using A2A.Micro.ServiceDefaults;

await MicroHost.Run(args, DataAnalysisAgent.Module(Environment.GetEnvironmentVariable("Agent__Id")));

using A2A.Micro.Coordinator;
using A2A.Micro.ServiceDefaults;

await MicroHost.Run(args, CoordinatorAgent.Module(Environment.GetEnvironmentVariable("Agent__Id")));

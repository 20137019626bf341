using A2A.Micro.FileConversion;
using A2A.Micro.ServiceDefaults;

await MicroHost.Run(args, FileConversionAgent.Module(Environment.GetEnvironmentVariable("Agent__Id")));

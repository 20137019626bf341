using A2A.Micro.ServiceDefaults;
using A2A.Micro.Standalone;
using A2A.Micro.Standalone.Demo;

if (Arguments.Read(args) is { } arguments)
{
    await MicroHost.RunInMemory(arguments.ForHost, [.. EmbeddedSystem.Modules(), new DemoModule(arguments)]);
}

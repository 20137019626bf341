using A2A.Micro.ResourceManager;
using A2A.Micro.ServiceDefaults;

await MicroHost.Run(args, new ResourceManagerModule());
